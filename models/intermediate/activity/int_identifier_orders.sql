with

orders as (select * from {{ ref('stg_shop__orders') }}),

order_lines as (select * from {{ ref('stg_shop__order_lines') }}),

items as (
    -- A line with quantity zero (a coupon, a correction) belongs to the order but buys nothing.
    select
        order_id,
        count(*) as line_count,
        sum(quantity) as item_count
    from order_lines
    group by order_id
),

final as (
    select
        orders.order_id,
        orders.identifier_id,
        orders.ordered_at,
        cast(orders.ordered_at as date) as order_date,
        orders.order_status,
        orders.order_status = 'completed' as is_completed,
        orders.reporting_amount,
        coalesce(items.line_count, 0) as line_count,
        coalesce(items.item_count, 0) as item_count
    from orders
    left join items on orders.order_id = items.order_id
    where orders.ordered_at < {{ as_of() }}
)

select * from final
