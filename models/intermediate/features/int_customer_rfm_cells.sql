with

profiles as (
    select * from {{ ref('int_customer_profiles') }}
    where is_targetable
),

dates as (
    select * from {{ ref('int_scoring_dates') }}
    where purpose = 'value' and has_history
),

customer_orders as (select * from {{ ref('int_customer_orders') }}),

purchases as (
    select
        dates.horizons_ago,
        customer_orders.customer_id,
        count(*) as order_count,
        {{ stable_sum('customer_orders.reporting_amount') }} as revenue_amount,
        max(customer_orders.ordered_at) as last_ordered_at
    from customer_orders
    inner join dates on customer_orders.ordered_at < dates.scored_at
    group by dates.horizons_ago, customer_orders.customer_id
),

following_revenue as (
    select
        dates.horizons_ago,
        customer_orders.customer_id,
        {{ stable_sum('customer_orders.reporting_amount') }} as following_revenue_amount
    from customer_orders
    inner join dates
        on
            customer_orders.ordered_at >= dates.scored_at
            and customer_orders.ordered_at < dates.outcome_ends_at
    group by dates.horizons_ago, customer_orders.customer_id
),

ranked as (
    -- Quintiles as the mart customers has them, at each moment among those who had ordered by then.
    select
        horizons_ago,
        customer_id,
        ntile(5) over (partition by horizons_ago order by last_ordered_at, customer_id)
            as rfm_recency,
        ntile(5) over (partition by horizons_ago order by order_count, customer_id)
            as rfm_frequency,
        ntile(5) over (partition by horizons_ago order by revenue_amount, customer_id)
            as rfm_monetary
    from purchases
),

final as (
    select
        dates.horizons_ago,
        dates.scored_at,
        profiles.customer_id,
        ranked.customer_id is not null as has_ordered,
        coalesce(
            cast(ranked.rfm_recency as {{ dbt.type_string() }})
            || '-' || cast(ranked.rfm_frequency as {{ dbt.type_string() }})
            || '-' || cast(ranked.rfm_monetary as {{ dbt.type_string() }}),
            'no order'
        ) as rfm_cell,
        coalesce(following_revenue.following_revenue_amount, 0) as following_revenue_amount
    from profiles
    inner join dates on profiles.first_seen_at < dates.scored_at
    left join ranked
        on
            profiles.customer_id = ranked.customer_id
            and dates.horizons_ago = ranked.horizons_ago
    left join following_revenue
        on
            profiles.customer_id = following_revenue.customer_id
            and dates.horizons_ago = following_revenue.horizons_ago
)

select * from final
