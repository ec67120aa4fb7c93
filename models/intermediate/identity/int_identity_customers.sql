with

identity_map as (select * from {{ ref('int_identity_map') }}),

erasure_requests as (select * from {{ ref('stg_privacy__erasure_requests') }}),

customers as (
    select
        customer_id,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        bool_or(identifier_type <> 'anonymous_id') as is_known,
        count(*) as identifier_count
    from identity_map
    group by customer_id
),

erased as (
    select identity_map.customer_id
    from erasure_requests
    inner join identity_map on erasure_requests.identifier_id = identity_map.identifier_id
    where erasure_requests.requested_at < {{ as_of() }}
    group by identity_map.customer_id
),

final as (
    select
        customers.customer_id,
        customers.first_seen_at,
        customers.last_seen_at,
        customers.is_known,
        customers.identifier_count,
        erased.customer_id is not null as has_erasure_request
    from customers
    left join erased on customers.customer_id = erased.customer_id
)

select * from final
