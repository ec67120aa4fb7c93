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
        activity.*
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
        max(last_interaction_at) as last_interaction_at,
        {{ count_events("engagement_type = 'page_view' and page_type = 'pricing'") }}
            as pricing_page_views,
        max(last_event_at) filter (
            where engagement_type = 'page_view' and page_type = 'pricing'
        ) as last_pricing_page_view_at,
        {{ count_events("engagement_type = 'product_view'") }} as product_views,
        {{ count_events("engagement_type = 'cart_add'") }} as cart_adds,
        {{ count_events("engagement_type = 'checkout_start'") }} as checkout_starts,
        {{ count_events("engagement_type = 'form_submit'") }} as form_submits,
        {{ count_events("engagement_type = 'search'") }} as searches,
        {{
            count_events(
                "engagement_type in ('content_view', 'content_complete', 'content_download')"
            )
        }} as content_interactions,
        {{ count_events("engagement_type = 'ad_click'") }} as ad_clicks,
        {{ count_events("engagement_type = 'feature_use'") }} as feature_uses,
        {{ count_events("engagement_type = 'advanced_feature_use'") }} as advanced_feature_uses,
        max(last_event_at) filter (where engagement_type = 'advanced_feature_use')
            as last_advanced_feature_use_at
    from in_window
    group by customer_id, lookback_days
)

select * from final
