with

profiles as (select * from {{ ref('int_customer_profiles') }}),

windows as (
    select * from {{ ref('int_lookback_windows') }}
    where window_use = 'activity'
),

engagement as (select * from {{ ref('int_customer_engagement') }}),

sessions as (select * from {{ ref('int_customer_sessions') }}),

purchases as (select * from {{ ref('int_customer_purchases_by_lookback') }}),

top_categories as (
    select * from {{ ref('int_customer_category_interests') }}
    where interest_rank = 1
),

top_contents as (
    select * from {{ ref('int_customer_content_interests') }}
    where interest_rank = 1
),

top_topics as (
    select * from {{ ref('int_customer_topic_interests') }}
    where interest_rank = 1
),

top_pages as (
    select * from {{ ref('int_customer_page_interests') }}
    where interest_rank = 1
),

top_searches as (
    select * from {{ ref('int_customer_search_interests') }}
    where interest_rank = 1
),

final as (
    -- Every customer has a row for every window: silence is a feature too.
    select
        profiles.customer_id,
        windows.lookback_days,
        profiles.first_seen_at < windows.starts_at as was_known_before_window,
        cast({{ dbt.datediff('profiles.first_seen_at', 'windows.ends_at', 'day') }} as bigint)
            as days_since_first_seen,
        coalesce(sessions.session_count, 0) as session_count,
        coalesce(engagement.event_count, 0) as event_count,
        coalesce(engagement.interaction_count, 0) as interaction_count,
        coalesce(engagement.engagement_score, 0) as engagement_score,
        coalesce(engagement.active_days, 0) as active_days,
        engagement.last_event_at,
        cast({{ dbt.datediff('engagement.last_event_at', 'windows.ends_at', 'day') }} as bigint)
            as days_since_last_event,
        engagement.last_interaction_at,
        cast(
            {{ dbt.datediff('engagement.last_interaction_at', 'windows.ends_at', 'day') }} as bigint
        ) as days_since_last_interaction,
        engagement.first_intent_at,
        engagement.last_intent_at,
        coalesce(engagement.pricing_page_views, 0) as pricing_page_views,
        engagement.last_pricing_page_view_at,
        coalesce(engagement.product_views, 0) as product_views,
        engagement.last_product_view_at,
        coalesce(engagement.cart_adds, 0) as cart_adds,
        engagement.last_cart_add_at,
        coalesce(engagement.checkout_starts, 0) as checkout_starts,
        engagement.last_checkout_start_at,
        coalesce(engagement.form_submits, 0) as form_submits,
        engagement.last_form_submit_at,
        coalesce(engagement.searches, 0) as searches,
        coalesce(engagement.content_interactions, 0) as content_interactions,
        coalesce(engagement.ad_clicks, 0) as ad_clicks,
        engagement.last_ad_click_at,
        coalesce(engagement.support_tickets, 0) as support_tickets,
        engagement.last_support_ticket_at,
        coalesce(engagement.feature_uses, 0) as feature_uses,
        coalesce(engagement.advanced_feature_uses, 0) as advanced_feature_uses,
        engagement.last_advanced_feature_use_at,
        coalesce(purchases.order_count, 0) as order_count,
        coalesce(purchases.revenue_amount, 0) as revenue_amount,
        top_categories.category as top_category,
        top_contents.content_type as top_content_type,
        top_topics.content_topic as top_content_topic,
        top_pages.page_type as top_page_type,
        top_searches.category as top_search_category
    from profiles
    cross join windows
    left join engagement
        on
            profiles.customer_id = engagement.customer_id
            and windows.lookback_days = engagement.lookback_days
    left join sessions
        on
            profiles.customer_id = sessions.customer_id
            and windows.lookback_days = sessions.lookback_days
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
    left join top_topics
        on
            profiles.customer_id = top_topics.customer_id
            and windows.lookback_days = top_topics.lookback_days
    left join top_pages
        on
            profiles.customer_id = top_pages.customer_id
            and windows.lookback_days = top_pages.lookback_days
    left join top_searches
        on
            profiles.customer_id = top_searches.customer_id
            and windows.lookback_days = top_searches.lookback_days
)

select * from final
