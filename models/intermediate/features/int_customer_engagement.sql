with

activity as (select * from {{ ref('int_identifier_activity_daily') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

windows as (
    select * from {{ ref('int_lookback_windows') }}
    where window_use = 'activity'
),

in_window as (
    select
        identity_map.customer_id,
        windows.lookback_days,
        activity.*,
        (activity.engagement_type = 'page_view' and activity.page_type = 'pricing')
        or activity.engagement_type in ('cart_add', 'checkout_start', 'form_submit')
            as is_buying_intent
    from activity
    inner join identity_map on activity.identifier_id = identity_map.identifier_id
    inner join windows
        on
            activity.activity_date >= windows.starts_on
            and activity.activity_date < windows.ends_before
),

final as (
    select
        customer_id,
        lookback_days,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(interaction_count) as bigint) as interaction_count,
        {{ stable_sum('engagement_score') }} as engagement_score,
        count(distinct activity_date) as active_days,
        max(last_event_at) as last_event_at,
        max(last_interaction_at) as last_interaction_at,
        min(first_event_at) filter (where is_buying_intent) as first_intent_at,
        {{ last_event("is_buying_intent") }} as last_intent_at,
        {{ count_events("engagement_type = 'page_view' and page_type = 'pricing'") }}
            as pricing_page_views,
        {{ last_event("engagement_type = 'page_view' and page_type = 'pricing'") }}
            as last_pricing_page_view_at,
        {{ count_events("engagement_type = 'product_view'") }} as product_views,
        {{ last_event("engagement_type = 'product_view'") }} as last_product_view_at,
        {{ count_events("engagement_type = 'cart_add'") }} as cart_adds,
        {{ last_event("engagement_type = 'cart_add'") }} as last_cart_add_at,
        {{ count_events("engagement_type = 'checkout_start'") }} as checkout_starts,
        {{ last_event("engagement_type = 'checkout_start'") }} as last_checkout_start_at,
        {{ count_events("engagement_type = 'form_submit'") }} as form_submits,
        {{ last_event("engagement_type = 'form_submit'") }} as last_form_submit_at,
        {{ count_events("engagement_type = 'search'") }} as searches,
        {{
            count_events(
                "engagement_type in ('content_view', 'content_complete', 'content_download')"
            )
        }} as content_interactions,
        {{ count_events("engagement_type = 'ad_click'") }} as ad_clicks,
        {{ last_event("engagement_type = 'ad_click'") }} as last_ad_click_at,
        {{ count_events("engagement_type = 'support_ticket'") }} as support_tickets,
        {{ last_event("engagement_type = 'support_ticket'") }} as last_support_ticket_at,
        {{ count_events("engagement_type = 'feature_use'") }} as feature_uses,
        {{ count_events("engagement_type = 'advanced_feature_use'") }} as advanced_feature_uses,
        {{ last_event("engagement_type = 'advanced_feature_use'") }}
            as last_advanced_feature_use_at
    from in_window
    group by customer_id, lookback_days
)

select * from final
