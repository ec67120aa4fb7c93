with erasure_requests as (
    select * from {{ ref('base_privacy__erasure_requests') }}
    where reject_reason is null
),

tombstones as (
    select * from {{ ref('base_privacy__tombstones') }}
    where marks = 'identifier'
),

reached as (
    select
        request_id,
        count(*) as identifier_count,
        count(*) filter (where is_probable) as probable_identifier_count,
        bool_or(is_found) as is_found
    from tombstones
    group by request_id
),

final as (
    select
        erasure_requests.request_id,
        erasure_requests.identifier_type,
        erasure_requests.requested_at,
        tombstones.erased_at,
        case
            when tombstones.tombstone is null then 'shared_identifier'
            when tombstones.request_id <> erasure_requests.request_id then 'erased_before'
            when not reached.is_found then 'not_found'
            else 'erased'
        end as outcome,
        coalesce(reached.identifier_count, 0) as identifier_count,
        coalesce(reached.probable_identifier_count, 0) as probable_identifier_count
    from erasure_requests
    left join tombstones on erasure_requests.tombstone = tombstones.tombstone
    left join reached on erasure_requests.request_id = reached.request_id
)

select * from final
