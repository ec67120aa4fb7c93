with

product_activity as (select * from {{ ref('int_identifier_products_daily') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

windows as (
    select * from {{ ref('int_lookback_windows') }}
    where window_use = 'activity'
),

prices as (select * from {{ ref('int_product_prices') }}),

products as (select * from {{ ref('stg_shop__products') }}),

orders as (select * from {{ ref('int_identifier_orders') }}),

order_lines as (select * from {{ ref('stg_shop__order_lines') }}),

dearer_days as (
    -- When a product cost more than it does now, and what.
    select
        prices_then.product_id,
        prices_then.price_date,
        prices_then.next_price_date,
        prices_then.unit_price as price_then,
        prices_now.unit_price as price_now,
        prices_now.price_date as price_now_date,
        prices_now.currency_code
    from prices as prices_then
    inner join prices as prices_now on prices_then.product_id = prices_now.product_id
    where
        prices_now.next_price_date is null
        and prices_now.unit_price < prices_then.unit_price
),

cheaper_products as (
    select product_id
    from dearer_days
    group by product_id
),

last_looks as (
    -- Who saw the lower price already is not waiting for it: the last look counts.
    select
        identity_map.customer_id,
        windows.lookback_days,
        product_activity.product_id,
        sum(product_activity.cart_add_count) as cart_add_count,
        max(product_activity.activity_date) as last_looked_on,
        max(product_activity.last_active_at) as last_looked_at
    from product_activity
    inner join cheaper_products on product_activity.product_id = cheaper_products.product_id
    inner join identity_map on product_activity.identifier_id = identity_map.identifier_id
    inner join windows
        on
            product_activity.activity_date >= windows.starts_on
            and product_activity.activity_date < windows.ends_before
    group by identity_map.customer_id, windows.lookback_days, product_activity.product_id
),

drops as (
    select
        last_looks.customer_id,
        last_looks.lookback_days,
        last_looks.product_id,
        last_looks.cart_add_count,
        last_looks.last_looked_at,
        dearer_days.price_then,
        dearer_days.price_now,
        dearer_days.price_now_date,
        dearer_days.currency_code
    from last_looks
    inner join dearer_days
        on
            last_looks.product_id = dearer_days.product_id
            and last_looks.last_looked_on >= dearer_days.price_date
            and last_looks.last_looked_on < dearer_days.next_price_date
),

bought_since as (
    select
        drops.customer_id,
        drops.lookback_days,
        drops.product_id
    from drops
    inner join identity_map on drops.customer_id = identity_map.customer_id
    inner join orders
        on
            identity_map.identifier_id = orders.identifier_id
            and drops.last_looked_at <= orders.ordered_at
    inner join order_lines
        on
            orders.order_id = order_lines.order_id
            and drops.product_id = order_lines.product_id
    where orders.is_completed and order_lines.quantity > 0
    group by drops.customer_id, drops.lookback_days, drops.product_id
),

final as (
    select
        drops.customer_id,
        drops.lookback_days,
        drops.product_id,
        coalesce(products.category, 'unknown') as category,
        drops.cart_add_count > 0 as was_in_cart,
        drops.last_looked_at,
        drops.price_then,
        drops.price_now,
        drops.price_now_date,
        drops.currency_code,
        -- Rounded, so that a tenth is a tenth.
        round((drops.price_then - drops.price_now) / drops.price_then, 6) as drop_share
    from drops
    left join bought_since
        on
            drops.customer_id = bought_since.customer_id
            and drops.lookback_days = bought_since.lookback_days
            and drops.product_id = bought_since.product_id
    left join products on drops.product_id = products.product_id
    where bought_since.customer_id is null
)

select * from final
