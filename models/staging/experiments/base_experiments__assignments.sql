{{ config(materialized='table') }}

with checked as (
    select * from {{ ref('base_experiments__checked_assignments') }}
),

erased as (
    select * from {{ ref('base_privacy__marked_identifiers') }}
    where source_table = 'experiments/assignments' and marks <> 'shared_identifier'
),

-- What the build must not hold is gone here; stg_privacy__removed_rows counts it.
kept as (
    select *
    from checked
    where
        not {{ is_erased(['identifier_id']) }}
        and not {{ is_past_retention('experiments/assignments', 'assigned_at') }}
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
    from kept
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
