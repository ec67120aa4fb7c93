-- Snowplow's events table: https://docs.snowplow.io/docs/fundamentals/canonical-event/
-- Self-describing events and entities are columns with JSON, named by vendor, name and major version, as the Snowflake
-- loader writes them: https://docs.snowplow.io/docs/api-reference/loaders-storage-targets/schemas-in-warehouse/
-- BigQuery's and Databricks' loaders write structs, Redshift's tables: name and shape them like this in a view of your own.

create table events (
    event_id varchar,
    event varchar,
    event_name varchar,
    collector_tstamp timestamp,
    derived_tstamp timestamp,
    user_id varchar,
    domain_userid varchar,
    page_url varchar,
    page_referrer varchar,
    se_category varchar,
    se_action varchar,
    dvce_type varchar,
    dvce_ismobile boolean,
    unstruct_event_com_snowplowanalytics_snowplow_ecommerce_snowplow_ecommerce_action_1 json,
    unstruct_event_com_snowplowanalytics_snowplow_site_search_1 json,
    unstruct_event_com_snowplowanalytics_snowplow_consent_preferences_1 json,
    contexts_com_snowplowanalytics_snowplow_ecommerce_product_1 json,
    contexts_com_snowplowanalytics_snowplow_ecommerce_transaction_1 json,
    contexts_com_snowplowanalytics_snowplow_client_session_1 json
);
