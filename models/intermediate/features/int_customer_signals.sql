with

profiles as (select * from {{ ref('int_customer_profiles') }}),

dates as (
    select * from {{ ref('int_scoring_dates') }}
    where purpose = 'propensity' and has_history
),

activity as (select * from {{ ref('int_identifier_activity_daily') }}),

category_activity as (select * from {{ ref('int_identifier_category_daily') }}),

orders as (select * from {{ ref('int_customer_orders') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

population as (
    select
        dates.horizons_ago,
        dates.scored_at,
        profiles.customer_id,
        {{ dbt.datediff('profiles.first_seen_at', 'dates.scored_at', 'day') }}
            as days_since_first_seen
    from profiles
    inner join dates on profiles.first_seen_at < dates.scored_at
    where profiles.is_targetable
),

recent_activity as (
    -- A day counts for every moment after it that is not more than 90 days away; the day before
    -- the moment is 1 day old.
    select
        identity_map.customer_id,
        dates.horizons_ago,
        {{ dbt.datediff('activity.activity_date', 'dates.scored_on', 'day') }} as age_days,
        activity.engagement_type,
        activity.page_type,
        activity.event_count,
        activity.interaction_count
    from activity
    inner join identity_map on activity.identifier_id = identity_map.identifier_id
    inner join dates
        on
            activity.activity_date >= {{ dbt.dateadd('day', '-90', 'dates.scored_on') }}
            and activity.activity_date < dates.scored_on
),

visits as (
    select
        customer_id,
        horizons_ago,
        min(age_days) as days_since_visit,
        sum(interaction_count) filter (where age_days <= 7) as interactions_7d
    from recent_activity
    group by customer_id, horizons_ago
),

engagement as (
    select
        customer_id,
        horizons_ago,
        sum(interaction_count) as interactions_30d,
        count(distinct age_days) as active_days_30d,
        {{ count_events("engagement_type = 'product_view'") }} as product_views_30d,
        {{ count_events("engagement_type = 'cart_add'") }} as cart_adds_30d,
        {{ count_events("engagement_type = 'checkout_start'") }} as checkout_starts_30d,
        {{ count_events("engagement_type = 'page_view' and page_type = 'pricing'") }}
            as pricing_views_30d,
        {{ count_events("engagement_type = 'search'") }} as searches_30d,
        {{
            count_events(
                "engagement_type in ('content_view', 'content_complete', 'content_download')"
            )
        }} as content_views_30d,
        {{ count_events("engagement_type = 'form_submit'") }} as form_submits_30d,
        {{ count_events("engagement_type = 'ad_click'") }} as ad_clicks_30d,
        {{ count_events("engagement_type in ('feature_use', 'advanced_feature_use')") }}
            as feature_uses_30d
    from recent_activity
    where age_days <= 30
    group by customer_id, horizons_ago
),

categories as (
    select
        identity_map.customer_id,
        dates.horizons_ago,
        count(distinct category_activity.category) as categories_30d
    from category_activity
    inner join identity_map on category_activity.identifier_id = identity_map.identifier_id
    inner join dates
        on
            category_activity.activity_date
            >= {{ dbt.dateadd('day', '-30', 'dates.scored_on') }}
            and category_activity.activity_date < dates.scored_on
    group by identity_map.customer_id, dates.horizons_ago
),

purchases as (
    select
        orders.customer_id,
        dates.horizons_ago,
        count(*) as orders,
        min({{ dbt.datediff('orders.ordered_at', 'dates.scored_at', 'day') }}) as days_since_order
    from orders
    inner join dates on orders.ordered_at < dates.scored_at
    group by orders.customer_id, dates.horizons_ago
),

final as (
    select
        population.horizons_ago,
        population.scored_at,
        population.customer_id,
        cast(coalesce(visits.interactions_7d, 0) as bigint) as interactions_7d,
        cast(coalesce(engagement.interactions_30d, 0) as bigint) as interactions_30d,
        coalesce(engagement.active_days_30d, 0) as active_days_30d,
        visits.days_since_visit,
        coalesce(engagement.product_views_30d, 0) as product_views_30d,
        coalesce(categories.categories_30d, 0) as categories_30d,
        coalesce(engagement.cart_adds_30d, 0) as cart_adds_30d,
        coalesce(engagement.checkout_starts_30d, 0) as checkout_starts_30d,
        coalesce(engagement.pricing_views_30d, 0) as pricing_views_30d,
        coalesce(engagement.searches_30d, 0) as searches_30d,
        coalesce(engagement.content_views_30d, 0) as content_views_30d,
        coalesce(engagement.form_submits_30d, 0) as form_submits_30d,
        coalesce(engagement.ad_clicks_30d, 0) as ad_clicks_30d,
        coalesce(engagement.feature_uses_30d, 0) as feature_uses_30d,
        coalesce(purchases.orders, 0) as orders,
        purchases.days_since_order,
        population.days_since_first_seen
    from population
    left join visits
        on
            population.customer_id = visits.customer_id
            and population.horizons_ago = visits.horizons_ago
    left join engagement
        on
            population.customer_id = engagement.customer_id
            and population.horizons_ago = engagement.horizons_ago
    left join categories
        on
            population.customer_id = categories.customer_id
            and population.horizons_ago = categories.horizons_ago
    left join purchases
        on
            population.customer_id = purchases.customer_id
            and population.horizons_ago = purchases.horizons_ago
)

select * from final
