{#- A memory, exempt from full refresh, that starts empty: the ledger's pre-hook writes into it
    (macro forget_erased_units). -#}
{{
    config(
        access='protected',
        schema='intermediate',
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false
    )
}}

select
    cast(null as {{ dbt.type_string() }}) as experiment_key,
    cast(null as {{ dbt.type_string() }}) as arm_key,
    cast(null as bigint) as unit_count,
    cast(null as timestamp) as erased_at
where 1 = 0
