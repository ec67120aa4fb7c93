-- Google Analytics 4, export to BigQuery: https://support.google.com/analytics/answer/7029846
-- The daily tables events_YYYYMMDD are read as one. Leave out events_intraday_YYYYMMDD: its rows come again with the day.

create table events (
    event_date varchar,
    event_timestamp bigint,
    event_name varchar,
    event_params struct(
        "key" varchar,
        "value" struct(string_value varchar, int_value bigint, float_value double, double_value double)
    )[],
    event_bundle_sequence_id bigint,
    batch_page_id bigint,
    batch_ordering_id bigint,
    batch_event_index bigint,
    user_id varchar,
    user_pseudo_id varchar,
    privacy_info struct(analytics_storage varchar, ads_storage varchar, uses_transient_token varchar),
    device struct(category varchar, operating_system varchar),
    collected_traffic_source struct(manual_campaign_id varchar, manual_campaign_name varchar, gclid varchar),
    session_traffic_source_last_click struct(google_ads_campaign struct(campaign_id varchar, campaign_name varchar)),
    ecommerce struct(purchase_revenue double, purchase_revenue_in_usd double, transaction_id varchar),
    items struct(item_id varchar, item_name varchar, price double, price_in_usd double, quantity bigint)[]
);
