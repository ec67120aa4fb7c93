{{ config(materialized='table') }}

with checked as (
    select * from {{ ref('base_crm__checked_consents') }}
),

erased as (
    select * from {{ ref('base_privacy__marked_identifiers') }}
    where source_table = 'crm/consents' and marks <> 'shared_identifier'
),

judged as (
    select
        *,
        {{ is_erased(['identifier_id']) }} as is_erased,
        -- A withdrawal stays: without it an attribute shows again, and nobody knows of the no.
        {{ is_past_retention('crm/consents', 'recorded_at') }}
        and not (status = 'withdrawn' and reason is null) as is_past_retention,
        {{ is_ageless('crm/consents', 'recorded_at') }} as is_ageless
    from checked
),

kept as (
    select *
    from judged
    where not is_erased and not is_ageless
),

-- Of decisions that repeat a key the latest counts, and at the same moment the withdrawal: doubt
-- never gives consent. A row refused for another reason takes no part. All columns follow, so that
-- the order is total.
ranked as (
    select
        *,
        row_number() over (
            partition by consent_id, reason is null
            order by
                recorded_at desc,
                case when status = 'withdrawn' then 0 else 1 end asc,
                identifier_type asc nulls last,
                identifier_value asc nulls last,
                purpose asc nulls last,
                consent_source asc nulls last
        ) as copy_number
    from kept
),

decided as (
    select
        *,
        {{ row_key(['consent_id']) }} as row_key,
        case
            when reason is not null then reason
            when copy_number > 1 then 'duplicate_key'
        end as reject_reason
    from ranked
),

final as (
    select
        consent_id,
        identifier_type,
        identifier_value,
        identifier_id,
        purpose,
        status,
        recorded_at,
        consent_source,
        row_key,
        reject_reason,
        case
            when reject_reason is not null then {{ row_json([
                'consent_id', 'identifier_type', 'identifier_value', 'purpose',
                'status', 'recorded_at', 'consent_source',
            ]) }}
        end as row_json,
        cast(null as {{ dbt.type_string() }}) as removal_reason
    from decided
    where not is_past_retention
    union all
    -- What stays of a row that the build must not hold; stg_privacy__removed_rows counts it.
    select
        {{ no_values([
            'consent_id', 'identifier_type', 'identifier_value', 'identifier_id', 'purpose',
            'status', 'recorded_at', 'consent_source',
        ]) }},
        {{ left_of_removed_row() }}
    from judged
    where is_erased or is_past_retention or is_ageless
)

select * from final
