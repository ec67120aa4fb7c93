{{ config(materialized='view') }}

with source as (
    select * from {{ source('experiments', 'assignments') }}
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

-- The first reason that holds is the row's reason.
final as (
    select
        *,
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
        end as reason
    from cleaned
)

select * from final
