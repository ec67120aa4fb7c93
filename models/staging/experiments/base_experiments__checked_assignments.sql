{{ config(materialized='view') }}

with source as (
    select * from {{ source('experiments', 'assignments') }}
),

experiments as (
    select experiment_key, min(assignment_source) as assignment_source, min(unit_type) as unit_type
    from {{ ref('experiments') }}
    group by experiment_key
),

experiment_arms as (
    select experiment_key, arm_key
    from {{ ref('experiment_arms') }}
    group by experiment_key, arm_key
),

typed as (
    select
        {{ clean_text('experiment_key') }} as experiment_key,
        lower({{ clean_text('unit_type') }}) as unit_type,
        lower({{ clean_text('identifier_type') }}) as identifier_type,
        {{ clean_text('identifier_value') }} as identifier_value,
        {{ clean_text('arm_key') }} as arm_key,
        assigned_at
    from source
),

cleaned as (
    select
        experiment_key,
        unit_type,
        identifier_type,
        {{ clean_identifier_value('identifier_type', 'identifier_value') }} as identifier_value,
        identifier_value is not null as has_identifier,
        arm_key,
        assigned_at
    from typed
),

-- What the seeds say of the experiment. A row that they do not know comes back with the next build
-- after they do.
planned as (
    select
        cleaned.*,
        experiments.assignment_source,
        experiments.unit_type as planned_unit_type,
        experiment_arms.arm_key is not null as has_known_arm
    from cleaned
    left join experiments on cleaned.experiment_key = experiments.experiment_key
    left join experiment_arms
        on
            cleaned.experiment_key = experiment_arms.experiment_key
            and cleaned.arm_key = experiment_arms.arm_key
),

-- The first reason that holds is the row's reason.
final as (
    select
        experiment_key,
        unit_type,
        identifier_type,
        identifier_value,
        has_identifier,
        arm_key,
        assigned_at,
        {{ identifier_id('identifier_type', 'identifier_value') }} as identifier_id,
        case
            when experiment_key is null or not has_identifier then 'null_key'
            when unit_type is null then 'missing_unit_type'
            when identifier_type is null then 'missing_identifier_type'
            when arm_key is null then 'missing_arm_key'
            when assigned_at is null then 'missing_assigned_at'
            when unit_type not in ('customer', 'account') then 'unknown_unit_type'
            when not {{ is_identifier_type('identifier_type') }} then 'unknown_identifier_type'
            when identifier_value is null then 'invalid_identifier_value'
            when {{ is_too_old('assigned_at') }} then 'timestamp_too_old'
            when {{ is_in_future('assigned_at') }} then 'timestamp_in_future'
            when assignment_source is null then 'unknown_experiment'
            when assignment_source <> 'external' then 'hashed_experiment'
            when unit_type <> planned_unit_type then 'other_unit_type'
            when not has_known_arm then 'unknown_arm'
        end as reason
    from planned
)

select * from final
