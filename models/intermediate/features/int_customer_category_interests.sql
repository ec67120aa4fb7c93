with

category_activity as (select * from {{ ref('int_identifier_category_daily') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

windows as (
    select * from {{ ref('int_lookback_windows') }}
    where window_use = 'activity'
),

decayed as (
    select
        identity_map.customer_id,
        windows.lookback_days,
        category_activity.category,
        category_activity.last_active_at,
        category_activity.view_count,
        category_activity.cart_add_count,
        category_activity.order_count,
        -- The last day before as_of has age 1; a half-life later a signal counts half.
        category_activity.interest_weight
        * power(
            cast(0.5 as double),
            {{ dbt.datediff('category_activity.activity_date', 'windows.ends_before', 'day') }}
            / cast({{ var('interest_half_life_days') }} as double)
        ) as interest_score
    from category_activity
    inner join identity_map on category_activity.identifier_id = identity_map.identifier_id
    inner join windows
        on
            category_activity.activity_date >= windows.starts_on
            and category_activity.activity_date < windows.ends_before
),

interests as (
    select
        customer_id,
        lookback_days,
        category,
        cast(sum(view_count) as bigint) as view_count,
        cast(sum(cart_add_count) as bigint) as cart_add_count,
        cast(sum(order_count) as bigint) as order_count,
        {{ stable_sum('interest_score') }} as interest_score,
        max(last_active_at) as last_active_at
    from decayed
    group by customer_id, lookback_days, category
),

final as (
    select
        customer_id,
        lookback_days,
        category,
        view_count,
        cart_add_count,
        order_count,
        interest_score,
        coalesce(
            interest_score
            / nullif(
                {{ stable_sum('interest_score', over='partition by customer_id, lookback_days') }},
                0
            ),
            0
        ) as interest_share,
        cast(row_number() over (
            partition by customer_id, lookback_days
            order by interest_score desc, category
        ) as bigint) as interest_rank,
        last_active_at
    from interests
)

select * from final
