with

orders as (select * from {{ ref('int_identifier_orders') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

windows as (
    select * from {{ ref('int_lookback_windows') }}
    where window_use = 'activity'
),

final as (
    select
        identity_map.customer_id,
        windows.lookback_days,
        count(*) as order_count,
        {{ stable_sum('orders.reporting_amount') }} as revenue_amount,
        max(orders.ordered_at) as last_ordered_at
    from orders
    inner join identity_map on orders.identifier_id = identity_map.identifier_id
    inner join windows
        on orders.ordered_at >= windows.starts_at and orders.ordered_at < windows.ends_at
    where orders.is_completed
    group by identity_map.customer_id, windows.lookback_days
)

select * from final
