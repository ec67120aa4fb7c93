{{ config(access='private', schema='intermediate') }}

with

external_assignments as (
    select * from {{ ref('stg_experiments__assignments') }}
    where assigned_at < {{ as_of() }}
),

experiments as (
    select * from {{ ref('mart_experiments') }}
    where assignment_source = 'external'
),

arms as (select * from {{ ref('mart_experiment_arms') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

units as (
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
    left join identity_map
        on external_assignments.identifier_id = identity_map.identifier_id
),

ranked as (
    -- A unit keeps the arm that it was given first.
    select
        *,
        row_number() over (
            partition by experiment_key, unit_id
            order by assigned_at, arm_key
        ) as assignment_rank
    from units
    where unit_id is not null
),

final as (
    select
        ranked.experiment_key,
        ranked.unit_type,
        ranked.unit_id,
        ranked.arm_key,
        arms.is_control,
        ranked.assigned_at
    from ranked
    inner join arms
        on ranked.experiment_key = arms.experiment_key and ranked.arm_key = arms.arm_key
    where ranked.assignment_rank = 1
)

select * from final
