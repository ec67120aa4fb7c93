-- shop/orders: one row per order that is neither a test nor deleted.
--
-- The amount is what the buyer paid with taxes and shipping, less what was refunded for single lines. An order refunded as a
-- whole is returned, with its amount. An order not paid yet (pending, authorized) counts as completed from the moment it was
-- placed, and becomes cancelled when Shopify voids it.
-- Lost: refunds of shipping and adjustments, when something was refunded, gift cards (their sale and their use both count).
with

-- A refund of an order that is not wholly refunded takes lines off.
refunds_of_orders as (
    select
        refund.order_id,
        sum(
            coalesce(order_line_refund.subtotal, 0) + coalesce(order_line_refund.total_tax, 0)
        ) as refunded_amount
    from order_line_refund
    inner join refund on order_line_refund.refund_id = refund.id
    group by refund.order_id
),

placed as (
    select
        id,
        customer_id,
        email,
        created_at,
        processed_at,
        cancelled_at,
        financial_status,
        cast(total_price as double) as total_price,
        currency
    from "order"
    where not coalesce(test, false) and not coalesce(_fivetran_deleted, false)
),

final as (
    select
        own_id(placed.id) as order_id,
        -- The shop's own customer id. Where your site tells its events of people by this very id, leave the prefix out.
        own_id(placed.customer_id) as user_id,
        placed.email,
        cast(null as varchar) as anonymous_id,
        -- Imported orders were processed long before they were created here.
        cast(coalesce(placed.processed_at, placed.created_at) as timestamp) as ordered_at,
        case
            when placed.cancelled_at is not null then 'cancelled'
            when placed.financial_status in ('voided', 'expired') then 'cancelled'
            when placed.financial_status = 'refunded' then 'returned'
            when placed.financial_status in (
                'paid', 'partially_paid', 'partially_refunded', 'pending', 'authorized'
            ) then 'completed'
            -- A status that Shopify adds is refused by name (unknown_status), not guessed.
            else placed.financial_status
        end as order_status,
        case
            when placed.financial_status = 'partially_refunded'
                then round(at_least_zero(
                    placed.total_price - coalesce(refunds_of_orders.refunded_amount, 0)
                ), 2)
            else placed.total_price
        end as order_amount,
        placed.currency as currency_code
    from placed
    left join refunds_of_orders on placed.id = refunds_of_orders.order_id
)

select * from final
order by all
