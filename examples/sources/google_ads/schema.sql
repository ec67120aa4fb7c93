-- Google Ads by Fivetran's connector: https://fivetran.com/docs/connectors/applications/google-ads
-- What the fields mean: https://developers.google.com/google-ads/api/fields/latest/campaign
-- BigQuery's own transfer (ads_CampaignBasicStats_<customer>) has the same figures as segments_date, metrics_cost_micros ...:
-- a view that renames them will do.

create table account_history (id bigint, currency_code varchar, time_zone varchar, updated_at timestamptz);

create table campaign_history (id bigint, customer_id bigint, name varchar, updated_at timestamptz);

create table campaign_stats (
    customer_id bigint,
    id bigint,
    date date,
    device varchar,
    ad_network_type varchar,
    impressions bigint,
    clicks bigint,
    cost_micros bigint,
    conversions double,
    _fivetran_id varchar
);
