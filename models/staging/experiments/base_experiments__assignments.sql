{{ config(materialized='table') }}

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
checked as (
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
),

-- A unit keeps the arm that it was given first. A row refused for another reason takes no part. All
-- columns follow, so that the order is total.
ranked as (
    select
        *,
        row_number() over (
            partition by experiment_key, identifier_value, reason is null
            order by
                assigned_at asc,
                unit_type asc nulls last,
                identifier_type asc nulls last,
                arm_key asc nulls last
        ) as copy_number
    from checked
),

decided as (
    select
        *,
        {{ row_key(['experiment_key', 'identifier_value']) }} as row_key,
        case
            when reason is not null then reason
            when copy_number > 1 then 'duplicate_key'
        end as reject_reason
    from ranked
),

final as (
    select
        experiment_key,
        unit_type,
        identifier_type,
        identifier_value,
        identifier_id,
        arm_key,
        assigned_at,
        row_key,
        reject_reason,
        case
            when reject_reason is not null then {{ row_json([
                'experiment_key', 'unit_type', 'identifier_type',
                'identifier_value', 'arm_key', 'assigned_at',
            ]) }}
        end as row_json
    from decided
)

select * from final
