with orders as (
    select * from {{ ref('base_shop__orders') }}
),

final as (
    select
        order_id,
        user_id,
        email_hash,
        google_email_hash,
        anonymous_id,
        identifier_id,
        unusable_id_count,
        has_unusable_email,
        has_mixed_script_email,
        ordered_at,
        order_status,
        order_amount,
        currency_code,
        reporting_amount
    from orders
    where reject_reason is null and removal_reason is null
)

select * from final
