with

orders as (select * from {{ ref('int_identifier_orders') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

rfm_cells as (select * from {{ ref('rfm_cells') }}),

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
        scored.customer_id,
        scored.order_count,
        scored.revenue_amount,
        scored.first_ordered_at,
        scored.last_ordered_at,
        scored.rfm_recency,
        scored.rfm_frequency,
        scored.rfm_monetary,
        rfm_cells.rfm_cell,
        case
            when scored.rfm_frequency + scored.rfm_monetary >= 9 then 'gold'
            when scored.rfm_frequency + scored.rfm_monetary >= 6 then 'silver'
            else 'bronze'
        end as loyalty_tier
    from scored
    -- How often and how much, as one quintile: the mean of both, a half rounded up.
    left join rfm_cells
        on
            scored.rfm_recency = rfm_cells.rfm_recency
            and floor((scored.rfm_frequency + scored.rfm_monetary + 1) / 2) = rfm_cells.rfm_value
)

select * from final
