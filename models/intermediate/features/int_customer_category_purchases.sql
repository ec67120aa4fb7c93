with

orders as (select * from {{ ref('int_identifier_orders') }}),

order_lines as (select * from {{ ref('stg_shop__order_lines') }}),

products as (select * from {{ ref('stg_shop__products') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

final as (
    select
        identity_map.customer_id,
        coalesce(products.category, 'unknown') as category,
        count(distinct orders.order_id) as order_count,
        sum(order_lines.quantity) as item_count,
        min(orders.ordered_at) as first_ordered_at,
        max(orders.ordered_at) as last_ordered_at
    from orders
    inner join identity_map on orders.identifier_id = identity_map.identifier_id
    inner join order_lines on orders.order_id = order_lines.order_id
    left join products on order_lines.product_id = products.product_id
    -- A line of nothing (a coupon, a correction) buys nothing.
    where orders.is_completed and order_lines.quantity > 0
    group by identity_map.customer_id, coalesce(products.category, 'unknown')
)

select * from final
