-- HubSpot by Fivetran's connector: https://fivetran.com/docs/connectors/applications/hubspot
-- What the properties mean: https://knowledge.hubspot.com/properties/hubspots-default-contact-properties
-- Fivetran puts property_ before a property of HubSpot.

create table contact (
    id bigint,
    property_email varchar,
    property_phone varchar,
    property_firstname varchar,
    property_lastname varchar,
    property_zip varchar,
    property_country varchar,
    property_lifecyclestage varchar,
    property_associatedcompanyid bigint,
    property_createdate timestamptz,
    property_lastmodifieddate timestamptz,
    _fivetran_deleted boolean
);

create table company (
    id bigint,
    property_name varchar,
    property_createdate timestamptz,
    property_closedate timestamptz,
    is_deleted boolean
);

create table email_campaign (id bigint, name varchar, subject varchar, content_id bigint);

create table email_event (
    id varchar,
    email_campaign_id bigint,
    recipient varchar,
    type varchar,
    created timestamptz,
    filtered_event boolean
);

create table email_subscription_change (
    recipient varchar,
    "timestamp" timestamptz,
    "change" varchar,
    change_type varchar,
    source varchar,
    email_subscription_id bigint
);
