with

profiles as (select * from {{ ref('int_customer_profiles') }}),

windows as (
    select * from {{ ref('int_lookback_windows') }}
    where window_use = 'activity'
),

engagement as (select * from {{ ref('int_customer_engagement') }}),

purchases as (select * from {{ ref('int_customer_purchases_by_lookback') }}),

top_categories as (
    select * from {{ ref('int_customer_category_interests') }}
    where interest_rank = 1
),

top_contents as (
    select * from {{ ref('int_customer_content_interests') }}
    where interest_rank = 1
),

final as (
    -- Every customer has a row for every window: silence is a feature too.
    select
        profiles.customer_id,
        windows.lookback_days,
        profiles.first_seen_at < windows.starts_at as was_known_before_window,
        coalesce(engagement.event_count, 0) as event_count,
        coalesce(engagement.interaction_count, 0) as interaction_count,
        coalesce(engagement.engagement_score, 0) as engagement_score,
        coalesce(engagement.active_days, 0) as active_days,
        engagement.last_interaction_at,
        cast(
            {{ dbt.datediff('engagement.last_interaction_at', 'windows.ends_at', 'day') }} as bigint
        ) as days_since_last_interaction,
        coalesce(engagement.pricing_page_views, 0) as pricing_page_views,
        engagement.last_pricing_page_view_at,
        coalesce(engagement.product_views, 0) as product_views,
        coalesce(engagement.cart_adds, 0) as cart_adds,
        coalesce(engagement.checkout_starts, 0) as checkout_starts,
        coalesce(engagement.form_submits, 0) as form_submits,
        coalesce(engagement.searches, 0) as searches,
        coalesce(engagement.content_interactions, 0) as content_interactions,
        coalesce(engagement.ad_clicks, 0) as ad_clicks,
        coalesce(engagement.feature_uses, 0) as feature_uses,
        coalesce(engagement.advanced_feature_uses, 0) as advanced_feature_uses,
        engagement.last_advanced_feature_use_at,
        coalesce(purchases.order_count, 0) as order_count,
        coalesce(purchases.revenue_amount, 0) as revenue_amount,
        top_categories.category as top_category,
        top_contents.content_type as top_content_type
    from profiles
    cross join windows
    left join engagement
        on
            profiles.customer_id = engagement.customer_id
            and windows.lookback_days = engagement.lookback_days
    left join purchases
        on
            profiles.customer_id = purchases.customer_id
            and windows.lookback_days = purchases.lookback_days
    left join top_categories
        on
            profiles.customer_id = top_categories.customer_id
            and windows.lookback_days = top_categories.lookback_days
    left join top_contents
        on
            profiles.customer_id = top_contents.customer_id
            and windows.lookback_days = top_contents.lookback_days
)

select * from final
