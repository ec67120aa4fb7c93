-- A view, because products change: the categories of today hold for every day.
{{ config(materialized='view') }}

with

product_activity as (select * from {{ ref('int_identifier_products_daily') }}),

event_types as (select * from {{ ref('event_types') }}),

products as (select * from {{ ref('stg_shop__products') }}),

orders as (select * from {{ ref('int_identifier_orders') }}),

order_lines as (select * from {{ ref('stg_shop__order_lines') }}),

browsing as (
    select
        product_activity.identifier_id,
        product_activity.activity_date,
        coalesce(products.category, 'unknown') as category,
        product_activity.view_count,
        product_activity.cart_add_count,
        cast(0 as bigint) as order_count,
        product_activity.interest_weight,
        product_activity.last_active_at
    from product_activity
    left join products on product_activity.product_id = products.product_id
),

purchase_weight as (
    select max(engagement_weight) as engagement_weight
    from event_types
    where engagement_type = 'purchase'
),

buying as (
    -- An order counts once in each category that it bought something of.
    select
        orders.identifier_id,
        orders.order_date as activity_date,
        coalesce(products.category, 'unknown') as category,
        cast(0 as bigint) as view_count,
        cast(0 as bigint) as cart_add_count,
        count(distinct orders.order_id) as order_count,
        count(distinct orders.order_id) * coalesce(max(purchase_weight.engagement_weight), 0)
            as interest_weight,
        max(orders.ordered_at) as last_active_at
    from orders
    inner join order_lines on orders.order_id = order_lines.order_id
    left join products on order_lines.product_id = products.product_id
    cross join purchase_weight
    where orders.is_completed and order_lines.quantity > 0
    group by orders.identifier_id, orders.order_date, coalesce(products.category, 'unknown')
),

combined as (
    select * from browsing
    union all
    select * from buying
),

final as (
    select
        identifier_id,
        activity_date,
        category,
        sum(view_count) as view_count,
        sum(cart_add_count) as cart_add_count,
        sum(order_count) as order_count,
        {{ stable_sum('interest_weight') }} as interest_weight,
        max(last_active_at) as last_active_at
    from combined
    group by identifier_id, activity_date, category
)

select * from final
