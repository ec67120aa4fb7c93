with

identity_map as (select * from {{ ref('int_identity_map') }}),

final as (
    select
        customer_id,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        bool_or(identifier_type <> 'anonymous_id') as is_known,
        count(*) as identifier_count
    from identity_map
    group by customer_id
)

select * from final
