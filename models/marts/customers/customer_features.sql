with

features as (select * from {{ ref('int_customer_features') }}),

final as (
    select
        customer_id,
        lookback_days,
        days_since_first_seen,
        session_count,
        event_count,
        interaction_count,
        engagement_score,
        active_days,
        last_interaction_at,
        days_since_last_interaction,
        pricing_page_views,
        product_views,
        cart_adds,
        checkout_starts,
        form_submits,
        searches,
        content_interactions,
        ad_clicks,
        support_tickets,
        feature_uses,
        advanced_feature_uses,
        order_count,
        revenue_amount,
        '{{ var("reporting_currency") }}' as currency_code,
        top_category,
        top_content_type,
        top_content_topic,
        top_page_type,
        top_search_category,
        {{ as_of() }} as as_of
    from features
)

select * from final
