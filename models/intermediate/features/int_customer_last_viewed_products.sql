with

products_daily as (select * from {{ ref('int_identifier_products_daily') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

products as (select * from {{ ref('stg_shop__products') }}),

longest_window as (
    select
        min(starts_on) as starts_on,
        max(ends_before) as ends_before
    from {{ ref('int_lookback_windows') }}
    where window_use = 'activity'
),

ranked as (
    select
        identity_map.customer_id,
        products_daily.product_id,
        products_daily.last_active_at,
        row_number() over (
            partition by identity_map.customer_id
            order by products_daily.last_active_at desc, products_daily.product_id
        ) as view_rank
    from products_daily
    inner join identity_map on products_daily.identifier_id = identity_map.identifier_id
    cross join longest_window
    where
        products_daily.activity_date >= longest_window.starts_on
        and products_daily.activity_date < longest_window.ends_before
),

final as (
    select
        ranked.customer_id,
        ranked.product_id,
        products.product_name,
        products.category,
        ranked.last_active_at as viewed_at
    from ranked
    left join products on ranked.product_id = products.product_id
    where ranked.view_rank = 1
)

select * from final
