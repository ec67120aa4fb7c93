{#- A memory, exempt from full refresh, that starts empty: once an experiment has units in the
    ledger, the ledger's hook writes its settings here, in one transaction with the first units. -#}
{{
    config(
        access='private',
        schema='intermediate',
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false
    )
}}

select
    cast(null as {{ dbt.type_string() }}) as experiment_key,
    cast(null as {{ dbt.type_string() }}) as arm_key,
    cast(null as {{ dbt.type_string() }}) as setting,
    cast(null as {{ dbt.type_string() }}) as planned_value,
    cast(null as timestamp) as planned_at
where 1 = 0
