with

orders as (select * from {{ ref('int_identifier_orders') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

purchases as (
    select
        identity_map.customer_id,
        count(*) as order_count,
        {{ stable_sum('orders.reporting_amount') }} as revenue_amount,
        min(orders.ordered_at) as first_ordered_at,
        max(orders.ordered_at) as last_ordered_at
    from orders
    inner join identity_map on orders.identifier_id = identity_map.identifier_id
    where orders.is_completed
    group by identity_map.customer_id
),

scored as (
    -- Five equal groups of the customers who ordered; 5 is best; equal values are told apart by
    -- customer_id, so that the same data always give the same groups.
    select
        *,
        cast(ntile(5) over (order by last_ordered_at, customer_id) as bigint) as rfm_recency,
        cast(ntile(5) over (order by order_count, customer_id) as bigint) as rfm_frequency,
        cast(ntile(5) over (order by revenue_amount, customer_id) as bigint) as rfm_monetary
    from purchases
),

final as (
    select
        customer_id,
        order_count,
        revenue_amount,
        first_ordered_at,
        last_ordered_at,
        rfm_recency,
        rfm_frequency,
        rfm_monetary,
        case
            when rfm_frequency + rfm_monetary >= 9 then 'gold'
            when rfm_frequency + rfm_monetary >= 6 then 'silver'
            else 'bronze'
        end as loyalty_tier
    from scored
)

select * from final
