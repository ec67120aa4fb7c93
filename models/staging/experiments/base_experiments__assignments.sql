{{ config(materialized='table') }}

with checked as (
    select * from {{ ref('base_experiments__checked_assignments') }}
),

erased as (
    select * from {{ ref('base_privacy__marked_identifiers') }}
    where source_table = 'experiments/assignments' and marks <> 'shared_identifier'
),

judged as (
    select
        *,
        {{ is_erased(['identifier_id']) }} as is_erased,
        {{ is_past_retention('experiments/assignments', 'assigned_at') }} as is_past_retention,
        {{ is_ageless('experiments/assignments', 'assigned_at') }} as is_ageless
    from checked
),

kept as (
    select *
    from judged
    where not is_erased and not is_ageless
),

-- A unit that was given several arms keeps a row of each: the ledger takes the first, and how often it
-- happened is told. A row refused for another reason takes no part. All columns follow, so that the
-- order is total.
ranked as (
    select
        *,
        row_number() over (
            partition by experiment_key, identifier_value, arm_key, reason is null
            order by
                assigned_at asc,
                unit_type asc nulls last,
                identifier_type asc nulls last
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
        end as row_json,
        cast(null as {{ dbt.type_string() }}) as removal_reason
    from decided
    where not is_past_retention
    union all
    -- What stays of a row that the build must not hold; stg_privacy__removed_rows counts it.
    select
        {{ no_values([
            'experiment_key', 'unit_type', 'identifier_type', 'identifier_value', 'identifier_id',
            'arm_key', 'assigned_at',
        ]) }},
        {{ left_of_removed_row() }}
    from judged
    where is_erased or is_past_retention or is_ageless
)

select * from final
