with

cart_events as (select * from {{ ref('int_identifier_cart_events') }}),

orders as (select * from {{ ref('int_identifier_orders') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

windows as (
    select * from {{ ref('int_lookback_windows') }}
    where window_use = 'cart'
),

last_orders as (
    -- Any order empties the cart, also one that was cancelled or returned later.
    select
        identity_map.customer_id,
        max(orders.ordered_at) as last_ordered_at
    from orders
    inner join identity_map on orders.identifier_id = identity_map.identifier_id
    group by identity_map.customer_id
),

cart_items as (
    select
        identity_map.customer_id,
        windows.lookback_days,
        cart_events.product_id,
        cart_events.category,
        sum(cart_events.quantity_change) as quantity,
        max(cart_events.unit_amount) as unit_amount,
        max(cart_events.occurred_at) filter (where cart_events.quantity_change > 0)
            as last_added_at
    from cart_events
    inner join identity_map on cart_events.identifier_id = identity_map.identifier_id
    inner join windows
        on
            cart_events.occurred_at >= windows.starts_at
            and cart_events.occurred_at < windows.ends_at
    left join last_orders on identity_map.customer_id = last_orders.customer_id
    where
        last_orders.last_ordered_at is null
        or cart_events.occurred_at > last_orders.last_ordered_at
    group by
        identity_map.customer_id,
        windows.lookback_days,
        cart_events.product_id,
        cart_events.category
),

category_amounts as (
    select
        customer_id,
        lookback_days,
        category,
        sum(quantity) as item_count,
        {{ stable_sum('quantity * unit_amount') }} as cart_amount,
        max(last_added_at) as last_added_at
    from cart_items
    where quantity > 0 and last_added_at is not null
    group by customer_id, lookback_days, category
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_id, lookback_days
            order by cart_amount desc, category
        ) as category_rank
    from category_amounts
),

carts as (
    select
        customer_id,
        lookback_days,
        sum(item_count) as item_count,
        {{ stable_sum('cart_amount') }} as cart_amount,
        max(last_added_at) as last_added_at,
        max(case when category_rank = 1 then category end) as main_category
    from ranked
    group by customer_id, lookback_days
),

age_bands as (
    -- Between one cart window and the next: 0-1d, 1-3d, 3-7d.
    select
        cast(
            coalesce(lag(lookback_days) over (order by lookback_days), 0)
            as {{ dbt.type_string() }}
        )
        || '-' || cast(lookback_days as {{ dbt.type_string() }}) || 'd' as age_band,
        starts_at,
        coalesce(lag(starts_at) over (order by lookback_days), ends_at) as ends_at,
        max(lookback_days) over () as longest_lookback_days
    from windows
),

final as (
    select
        carts.customer_id,
        carts.lookback_days,
        carts.item_count,
        carts.cart_amount,
        {{ cart_value_band('carts.cart_amount') }} as value_band,
        carts.main_category,
        carts.last_added_at,
        -- The longest window knows the whole cart, so it alone tells the age: each cart has one.
        case
            when carts.lookback_days = age_bands.longest_lookback_days then age_bands.age_band
        end as age_band
    from carts
    inner join age_bands
        on
            carts.last_added_at >= age_bands.starts_at
            and carts.last_added_at < age_bands.ends_at
)

select * from final
