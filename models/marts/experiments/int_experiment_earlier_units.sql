{#- Launches are judged before the ledger takes their units, so the ledger waits for this model and
    cannot be a `ref` of it: what stood in it before this run is read from the table itself. -#}
{%- set ledger_key = 'model.' ~ model.package_name ~ '.experiment_assignments' -%}
{%- set node = graph.nodes[ledger_key] if execute else none -%}
{%- set ledger = adapter.get_relation(node.database, node.schema, node.alias) if node else none -%}
{{ config(access='private', schema='intermediate') }}

with

external_assignments as (select * from {{ ref('int_experiment_external_assignments') }}),

erased_customers as (select * from {{ ref('stg_privacy__erased_customers') }}),

ledger as (
    {% if ledger -%}
    select experiment_key, arm_key, unit_id, assigned_at
    from {{ ledger }}
    {%- else -%}
    select
        cast(null as {{ dbt.type_string() }}) as experiment_key,
        cast(null as {{ dbt.type_string() }}) as arm_key,
        cast(null as {{ dbt.type_string() }}) as unit_id,
        cast(null as timestamp) as assigned_at
    from erased_customers
    where 1 = 0
    {%- endif %}
),

kept as (
    -- What this day's own runs wrote is not from before it, and this run takes who was erased out.
    select *
    from ledger
    where
        assigned_at < {{ as_of() }}
        and {{ tombstone("'customer_id:' || unit_id") }} not in (
            select erased_customers.tombstone from erased_customers
        )
),

counted as (
    select
        experiment_key,
        arm_key,
        count(*) as unit_count,
        min(assigned_at) as first_assigned_at
    from kept
    group by experiment_key, arm_key
    union all
    -- What this run is about to write of earlier days: another system assigned it then.
    select
        experiment_key,
        arm_key,
        count(*) as unit_count,
        min(assigned_at) as first_assigned_at
    from external_assignments
    group by experiment_key, arm_key
),

final as (
    -- The ledger holds what the raw rows say, or held it once; the larger number counts both once.
    select
        experiment_key,
        arm_key,
        max(unit_count) as unit_count,
        min(first_assigned_at) as first_assigned_at
    from counted
    group by experiment_key, arm_key
)

select * from final
