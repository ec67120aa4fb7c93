with erasure_requests as (
    select * from {{ ref('base_privacy__erasure_requests') }}
),

final as (
    select
        request_id,
        identifier_type,
        identifier_value,
        identifier_id,
        requested_at
    from erasure_requests
    where reject_reason is null
)

select * from final
