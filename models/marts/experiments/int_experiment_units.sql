{{ config(access='protected', schema='intermediate') }}

with

assignments as (
    select * from {{ ref('experiment_assignments') }}
    where assigned_at <= {{ as_of() }}
),

experiments as (select * from {{ ref('mart_experiments') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

current_units as (
    -- A customer who merged after the assignment is found again under the surviving id.
    select
        assignments.experiment_key,
        assignments.unit_type,
        coalesce(identity_map.customer_id, assignments.unit_id) as unit_id,
        assignments.unit_id as assigned_unit_id,
        assignments.arm_key,
        assignments.is_control,
        assignments.segment_id,
        assignments.stratum,
        assignments.lifecycle_stage,
        assignments.loyalty_tier,
        assignments.country_code,
        assignments.preferred_device,
        assignments.assigned_at
    from assignments
    left join identity_map
        on
            assignments.unit_type = 'customer'
            and assignments.unit_id = identity_map.identifier_key
),

ranked as (
    -- Two assigned units that turned out to be one person count once, in the arm given first.
    select
        *,
        row_number() over (
            partition by experiment_key, unit_id
            order by assigned_at, assigned_unit_id
        ) as assignment_rank,
        count(*) over (partition by experiment_key, unit_id) as assigned_unit_count,
        min(arm_key) over (partition by experiment_key, unit_id)
        <> max(arm_key) over (partition by experiment_key, unit_id) as is_merged_across_arms
    from current_units
),

final as (
    select
        ranked.experiment_key,
        ranked.unit_type,
        ranked.unit_id,
        ranked.arm_key,
        ranked.is_control,
        ranked.segment_id,
        ranked.stratum,
        ranked.lifecycle_stage,
        ranked.loyalty_tier,
        ranked.country_code,
        ranked.preferred_device,
        ranked.assigned_at,
        {{ dbt.dateadd('day', 'experiments.outcome_window_days', 'ranked.assigned_at') }}
            as outcome_ends_at,
        {{ dbt.dateadd('day', '-experiments.covariate_window_days', 'ranked.assigned_at') }}
            as covariate_starts_at,
        ranked.assigned_unit_count,
        ranked.is_merged_across_arms
    from ranked
    inner join experiments on ranked.experiment_key = experiments.experiment_key
    where ranked.assignment_rank = 1
)

select * from final
