with

orders as (select * from {{ ref('int_identifier_orders') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

purchase_days as (
    -- Orders of one day are one purchase that was split.
    select
        identity_map.customer_id,
        orders.order_date,
        max(orders.ordered_at) as last_ordered_at
    from orders
    inner join identity_map on orders.identifier_id = identity_map.identifier_id
    where orders.is_completed
    group by identity_map.customer_id, orders.order_date
),

sequences as (
    select
        customer_id,
        order_date,
        last_ordered_at,
        lag(order_date) over (partition by customer_id order by order_date) as previous_order_date
    from purchase_days
),

gaps as (
    select
        *,
        {{ dbt.datediff('previous_order_date', 'order_date', 'day') }} as gap_days
    from sequences
),

ranked as (
    select
        customer_id,
        order_date,
        last_ordered_at,
        gap_days,
        row_number() over (
            partition by customer_id
            order by gap_days nulls last, order_date
        ) as gap_rank,
        count(gap_days) over (partition by customer_id) as gap_count
    from gaps
),

rhythms as (
    select
        customer_id,
        max(last_ordered_at) as last_ordered_at,
        max(order_date) as last_order_date,
        max(gap_count) as gap_count,
        cast(sum(gap_days) as double) / max(gap_count) as mean_gap_days,
        -- The middle gap, or the mean of the two in the middle.
        cast(
            min(gap_days) filter (where 2 * gap_rank between gap_count and gap_count + 2)
            + max(gap_days) filter (where 2 * gap_rank between gap_count and gap_count + 2)
            as double
        ) / 2 as median_gap_days
    from ranked
    where gap_count >= 2
    group by customer_id
),

due as (
    select
        *,
        cast(ceil(median_gap_days) as integer) as due_after_days
    from rhythms
),

dated as (
    select
        *,
        cast({{ dbt.dateadd('day', 'due_after_days', 'last_order_date') }} as date) as next_due_date
    from due
),

final as (
    select
        customer_id,
        last_ordered_at,
        cast(gap_count as bigint) as gap_count,
        mean_gap_days,
        median_gap_days,
        next_due_date,
        cast({{ dbt.datediff(as_of(), 'next_due_date', 'day') }} as bigint) as days_until_due
    from dated
)

select * from final
