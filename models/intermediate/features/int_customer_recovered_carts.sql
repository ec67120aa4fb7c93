with

cart_events as (select * from {{ ref('int_identifier_cart_events') }}),

orders as (select * from {{ ref('int_identifier_orders') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

windows as (
    select * from {{ ref('int_lookback_windows') }}
    where window_use = 'cart'
),

customer_orders as (
    select
        identity_map.customer_id,
        orders.order_id,
        orders.ordered_at,
        orders.is_completed,
        -- Any order empties the cart, also one that was cancelled or returned later.
        lag(orders.ordered_at) over (
            partition by identity_map.customer_id
            order by orders.ordered_at, orders.order_id
        ) as previous_ordered_at
    from orders
    inner join identity_map on orders.identifier_id = identity_map.identifier_id
),

cart_items as (
    -- What went into the cart in the window, after the order before and not after the order itself.
    select
        identity_map.customer_id,
        windows.lookback_days,
        customer_orders.order_id,
        customer_orders.ordered_at,
        cart_events.product_id,
        cart_events.category,
        sum(cart_events.quantity_change) as quantity,
        max(cart_events.unit_amount) as unit_amount,
        min(cart_events.occurred_at) filter (where cart_events.quantity_change > 0)
            as first_added_at,
        max(cart_events.occurred_at) filter (where cart_events.quantity_change > 0)
            as last_added_at
    from cart_events
    inner join identity_map on cart_events.identifier_id = identity_map.identifier_id
    inner join windows
        on
            cart_events.occurred_at >= windows.starts_at
            and cart_events.occurred_at < windows.ends_at
    inner join customer_orders
        on
            identity_map.customer_id = customer_orders.customer_id
            and cart_events.occurred_at <= customer_orders.ordered_at
            and cart_events.occurred_at
            > coalesce(customer_orders.previous_ordered_at, cast('0001-01-01' as timestamp))
    where customer_orders.is_completed
    group by
        identity_map.customer_id,
        windows.lookback_days,
        customer_orders.order_id,
        customer_orders.ordered_at,
        cart_events.product_id,
        cart_events.category
),

category_amounts as (
    select
        customer_id,
        lookback_days,
        order_id,
        ordered_at,
        category,
        sum(quantity) as item_count,
        {{ stable_sum('quantity * unit_amount') }} as cart_amount,
        min(first_added_at) as first_added_at,
        max(last_added_at) as last_added_at
    from cart_items
    where quantity > 0 and last_added_at is not null
    group by customer_id, lookback_days, order_id, ordered_at, category
),

ranked as (
    -- Of several recovered carts the last one stands for the window.
    select
        *,
        row_number() over (
            partition by customer_id, lookback_days, order_id
            order by cart_amount desc, category
        ) as category_rank,
        dense_rank() over (
            partition by customer_id, lookback_days
            order by ordered_at desc, order_id desc
        ) as cart_rank
    from category_amounts
),

carts as (
    select
        customer_id,
        lookback_days,
        order_id,
        ordered_at,
        sum(item_count) as item_count,
        {{ stable_sum('cart_amount') }} as cart_amount,
        max(case when category_rank = 1 then category end) as main_category,
        min(first_added_at) as first_added_at,
        max(last_added_at) as last_added_at
    from ranked
    where cart_rank = 1
    group by customer_id, lookback_days, order_id, ordered_at
),

final as (
    select
        customer_id,
        lookback_days,
        order_id,
        item_count,
        cart_amount,
        {{ cart_value_band('cart_amount') }} as value_band,
        main_category,
        first_added_at,
        last_added_at,
        ordered_at
    from carts
)

select * from final
