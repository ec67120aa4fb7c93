{#- The ledger. Rows are only ever added, and `full_refresh=false` keeps it through
    `dbt build --full-refresh`. Only people who asked to be erased leave it. -#}
-- depends_on: {{ ref('stg_privacy__erased_customers') }}
-- depends_on: {{ ref('int_experiment_erasures') }}
-- depends_on: {{ ref('experiment_launch_checks') }}
{{
    config(
        pre_hook="{{ forget_erased_units(
            ref('int_experiment_erasures'), ref('stg_privacy__erased_customers')
        ) }}",
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        on_schema_change='fail'
    )
}}

with

experiments as (select * from {{ ref('mart_experiments') }}),

arms as (select * from {{ ref('mart_experiment_arms') }}),

candidates as (select * from {{ ref('int_experiment_candidates') }}),

holdout_members as (select * from {{ ref('holdout_members') }}),

external_assignments as (select * from {{ ref('stg_experiments__assignments') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

ledger as (
    {% if is_incremental() -%}
    select experiment_key, unit_type, unit_id, assigned_at
    from {{ this }}
    {%- else -%}
    select
        experiment_key,
        unit_type,
        unit_id,
        cast(null as timestamp) as assigned_at
    from candidates
    where 1 = 0
    {%- endif %}
),

ledger_units as (
    -- A customer who has merged with another since is still the unit that was assigned.
    select
        ledger.experiment_key,
        ledger.unit_type,
        coalesce(identity_map.customer_id, ledger.unit_id) as unit_id
    from ledger
    left join identity_map
        on ledger.unit_type = 'customer' and ledger.unit_id = identity_map.identifier_key
    group by
        ledger.experiment_key,
        ledger.unit_type,
        coalesce(identity_map.customer_id, ledger.unit_id)
),

latest_assignments as (
    select experiment_key, max(assigned_at) as assigned_at
    from ledger
    group by experiment_key
),

drawn as (
    select
        candidates.experiment_key,
        candidates.unit_type,
        candidates.unit_id,
        candidates.segment_id,
        experiments.layer_from,
        experiments.layer_to,
        {{ hash_fraction("'layer:' || experiments.layer_key", 'candidates.unit_id') }}
            as layer_fraction,
        {{ hash_fraction("'arm:' || candidates.experiment_key", 'candidates.unit_id') }}
            as hash_fraction
    from candidates
    inner join experiments on candidates.experiment_key = experiments.experiment_key
    left join holdout_members
        on
            candidates.unit_type = holdout_members.unit_type
            and candidates.unit_id = holdout_members.unit_id
    left join latest_assignments
        on candidates.experiment_key = latest_assignments.experiment_key
    where
        holdout_members.unit_id is null
        -- A past day that is run again looks back; it does not assign anyone in the past.
        and (
            latest_assignments.assigned_at is null
            or latest_assignments.assigned_at <= {{ as_of() }}
        )
),

hashed as (
    select
        drawn.experiment_key,
        drawn.unit_type,
        drawn.unit_id,
        arms.arm_key,
        arms.is_control,
        drawn.segment_id,
        {{ as_of() }} as assigned_at,
        'hashed' as assignment_source,
        drawn.hash_fraction
    from drawn
    inner join arms
        on
            drawn.experiment_key = arms.experiment_key
            and drawn.hash_fraction >= arms.hash_from
            and drawn.hash_fraction < arms.hash_to
    where
        drawn.layer_fraction >= coalesce(drawn.layer_from, 0)
        and drawn.layer_fraction < coalesce(drawn.layer_to, 1)
),

external_units as (
    select
        external_assignments.experiment_key,
        external_assignments.unit_type,
        case
            when external_assignments.unit_type = 'account'
                then external_assignments.identifier_value
            else identity_map.customer_id
        end as unit_id,
        external_assignments.arm_key,
        external_assignments.assigned_at
    from external_assignments
    inner join experiments
        on
            external_assignments.experiment_key = experiments.experiment_key
            and external_assignments.unit_type = experiments.unit_type
            and experiments.assignment_source = 'external'
    left join identity_map
        on external_assignments.identifier_id = identity_map.identifier_id
    where external_assignments.assigned_at < {{ as_of() }}
),

external_ranked as (
    select
        *,
        row_number() over (
            partition by experiment_key, unit_id
            order by assigned_at, arm_key
        ) as assignment_rank
    from external_units
    where unit_id is not null
),

external as (
    select
        external_ranked.experiment_key,
        external_ranked.unit_type,
        external_ranked.unit_id,
        arms.arm_key,
        arms.is_control,
        cast(null as {{ dbt.type_string() }}) as segment_id,
        external_ranked.assigned_at,
        'external' as assignment_source,
        cast(null as double) as hash_fraction
    from external_ranked
    inner join arms
        on
            external_ranked.experiment_key = arms.experiment_key
            and external_ranked.arm_key = arms.arm_key
    where external_ranked.assignment_rank = 1
),

assigned as (
    select * from hashed
    union all
    select * from external
),

final as (
    select
        assigned.experiment_key,
        assigned.unit_type,
        assigned.unit_id,
        assigned.arm_key,
        assigned.is_control,
        assigned.segment_id,
        -- Stratified dealing is not offered yet.
        cast(null as {{ dbt.type_string() }}) as stratum,
        assigned.assigned_at,
        assigned.assignment_source,
        assigned.hash_fraction
    from assigned
    left join ledger_units
        on
            assigned.experiment_key = ledger_units.experiment_key
            and assigned.unit_type = ledger_units.unit_type
            and assigned.unit_id = ledger_units.unit_id
    where ledger_units.unit_id is null
)

select * from final
