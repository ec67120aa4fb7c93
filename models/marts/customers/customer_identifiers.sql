with

identity_map as (select * from {{ ref('int_identity_map') }}),

final as (
    select
        identifier_type,
        identifier_value,
        customer_id,
        nullif(identifier_key, customer_id) as former_customer_id,
        merged_at,
        'deterministic' as match_type,
        cast(1 as double) as confidence,
        first_seen_at,
        last_seen_at
    from identity_map
)

select * from final
