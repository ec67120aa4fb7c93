-- Segment's warehouse destination: https://www.twilio.com/docs/segment/connections/storage/warehouses/schema
-- and RudderStack's: https://www.rudderstack.com/docs/destinations/warehouse-destinations/warehouse-schema/
-- Properties and traits are those of Segment's e-commerce and identify specs; each becomes a column when it is first sent, so yours
-- may lack some. Calls have one timestamp corrected for the device's clock (`timestamp`) and one of arrival (`received_at`).

create table pages (
    id varchar,
    anonymous_id varchar,
    user_id varchar,
    "timestamp" timestamptz,
    received_at timestamptz,
    url varchar,
    referrer varchar,
    context_user_agent varchar,
    context_device_type varchar,
    context_campaign_id varchar
);

create table tracks (
    id varchar,
    anonymous_id varchar,
    user_id varchar,
    "timestamp" timestamptz,
    received_at timestamptz,
    event varchar,
    event_text varchar,
    context_page_url varchar,
    context_page_referrer varchar,
    context_user_agent varchar,
    context_device_type varchar,
    context_campaign_id varchar
);

create table identifies (
    id varchar,
    anonymous_id varchar,
    user_id varchar,
    "timestamp" timestamptz,
    received_at timestamptz,
    context_page_url varchar,
    context_page_referrer varchar,
    context_user_agent varchar,
    context_device_type varchar,
    context_campaign_id varchar
);

create table product_viewed (
    id varchar, received_at timestamptz, product_id varchar, quantity bigint, price double, currency varchar
);

create table product_added (
    id varchar, received_at timestamptz, product_id varchar, quantity bigint, price double, currency varchar
);

create table product_removed (
    id varchar, received_at timestamptz, product_id varchar, quantity bigint, price double, currency varchar
);

create table products_searched (id varchar, received_at timestamptz, query varchar);

create table order_completed (
    id varchar, received_at timestamptz, order_id varchar, total double, revenue double, currency varchar,
    products varchar
);

create table users (
    id varchar,
    received_at timestamptz,
    email varchar,
    phone varchar,
    first_name varchar,
    last_name varchar,
    address_postal_code varchar,
    address_country varchar,
    created_at timestamptz,
    -- RudderStack's SDKs send traits in the context; its warehouses hold them so unless told otherwise.
    context_traits_email varchar,
    context_traits_phone varchar,
    context_traits_first_name varchar,
    context_traits_last_name varchar
);

create table groups (
    id varchar,
    group_id varchar,
    user_id varchar,
    "timestamp" timestamptz,
    received_at timestamptz,
    name varchar,
    plan varchar,
    created_at timestamptz
);
