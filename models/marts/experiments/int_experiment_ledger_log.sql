{#- A memory, exempt from full refresh, that starts empty: the hooks of the ledger write into it, in
    one transaction with the ledger where the engine has such (macros/ledger). A warehouse from
    before this memory brings the erasures that it counted. -#}
{{
    config(
        access='protected',
        schema='intermediate',
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false
    )
}}

{%- set former = adapter.get_relation(this.database, this.schema, 'int_experiment_erasures') %}
{%- if execute and former and not is_incremental() %}

select
    experiment_key,
    arm_key,
    'erased' as cause,
    cast(-sum(unit_count) as bigint) as unit_count,
    cast(null as bigint) as checksum,
    erased_at as logged_at
from {{ former }}
group by experiment_key, arm_key, erased_at
{%- else %}

select
    cast(null as {{ dbt.type_string() }}) as experiment_key,
    cast(null as {{ dbt.type_string() }}) as arm_key,
    cast(null as {{ dbt.type_string() }}) as cause,
    cast(null as bigint) as unit_count,
    cast(null as bigint) as checksum,
    cast(null as timestamp) as logged_at
where 1 = 0
{%- endif %}
