-- shop/order_lines: one row per line of such an order, after its discounts, without tax where prices are without.
--
-- A discount on the whole order stands with the lines too, as Shopify allocates it. Where an order is refunded in part, the
-- refunded pieces and their amount are off; where it is refunded as a whole the lines stay, and the order is returned.
-- Lost: shipping and tips, which are lines of nothing; so lines need not add up to the order.
with

orders as (
    select
        id,
        financial_status
    from "order"
    where not coalesce(test, false) and not coalesce(_fivetran_deleted, false)
),

discounts as (
    select
        order_line_id,
        sum(amount) as discount_amount
    from discount_allocation
    group by order_line_id
),

refunds as (
    select
        order_line_id,
        sum(quantity) as refunded_quantity,
        sum(subtotal) as refunded_amount
    from order_line_refund
    group by order_line_id
),

kept as (
    select
        order_line.id,
        order_line.order_id,
        order_line.index,
        order_line.product_id,
        order_line.quantity,
        order_line.price * order_line.quantity
        - coalesce(discounts.discount_amount, 0) as paid_amount,
        coalesce(refunds.refunded_quantity, 0) as refunded_quantity,
        coalesce(refunds.refunded_amount, 0) as refunded_amount
    from order_line
    inner join orders on order_line.order_id = orders.id
    left join discounts on order_line.id = discounts.order_line_id
    left join refunds
        on
            order_line.id = refunds.order_line_id
            and orders.financial_status = 'partially_refunded'
),

final as (
    select
        own_id(order_id) as order_id,
        row_number() over (partition by order_id order by index, id) as line_number,
        -- Without a prefix: events of the site name products by this id (docs/adopting.md).
        cast(product_id as varchar) as product_id,
        cast(at_least_zero(quantity - refunded_quantity) as bigint) as quantity,
        cast(round(at_least_zero(paid_amount - refunded_amount), 2) as double) as line_amount
    from kept
)

select * from final
order by all
