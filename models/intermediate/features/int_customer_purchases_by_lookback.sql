with

orders as (select * from {{ ref('int_identifier_orders') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

windows as (
    select * from {{ ref('int_lookback_windows') }}
    where window_use = 'activity'
),

in_window as (
    select
        identity_map.customer_id,
        windows.lookback_days,
        orders.ordered_at,
        orders.is_completed,
        orders.order_status = 'returned' as is_returned,
        orders.reporting_amount
    from orders
    inner join identity_map on orders.identifier_id = identity_map.identifier_id
    inner join windows
        on orders.ordered_at >= windows.starts_at and orders.ordered_at < windows.ends_at
),

final as (
    select
        customer_id,
        lookback_days,
        count(*) filter (where is_completed) as order_count,
        coalesce({{ stable_sum('case when is_completed then reporting_amount end') }}, 0)
            as revenue_amount,
        max(ordered_at) filter (where is_completed) as last_ordered_at,
        count(*) filter (where is_returned) as returned_order_count,
        coalesce({{ stable_sum('case when is_returned then reporting_amount end') }}, 0)
            as returned_amount,
        max(ordered_at) filter (where is_returned) as last_returned_ordered_at
    from in_window
    where is_completed or is_returned
    group by customer_id, lookback_days
)

select * from final
