{{ config(materialized='table') }}

with checked as (
    select * from {{ ref('base_privacy__checked_erasure_requests') }}
),

-- The identifier stays in the source: here its tombstone stands for it.
final as (
    select
        request_id,
        identifier_type,
        {{ tombstone('identifier_id') }} as tombstone,
        requested_at,
        {{ row_key(['request_id']) }} as row_key,
        reason as reject_reason,
        case
            when reason is not null then {{ row_json([
                'request_id', 'identifier_type', 'requested_at',
            ]) }}
        end as row_json
    from checked
)

select * from final
