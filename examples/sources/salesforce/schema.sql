-- Salesforce by Fivetran's connector, which writes fields in snake case: https://fivetran.com/docs/connectors/applications/salesforce
-- What the fields mean: https://developer.salesforce.com/docs/platform/object-reference/overview

create table contact (
    id varchar,
    account_id varchar,
    email varchar,
    phone varchar,
    mobile_phone varchar,
    first_name varchar,
    last_name varchar,
    mailing_postal_code varchar,
    mailing_country_code varchar,
    has_opted_out_of_email boolean,
    created_date timestamptz,
    last_modified_date timestamptz,
    is_deleted boolean
);

create table lead (
    id varchar,
    email varchar,
    phone varchar,
    mobile_phone varchar,
    first_name varchar,
    last_name varchar,
    postal_code varchar,
    country_code varchar,
    status varchar,
    has_opted_out_of_email boolean,
    is_converted boolean,
    created_date timestamptz,
    last_modified_date timestamptz,
    is_deleted boolean
);

create table account (id varchar, name varchar, created_date timestamptz, is_deleted boolean);

create table opportunity (id varchar, account_id varchar, is_won boolean, close_date date, is_deleted boolean);

create table campaign (id varchar, name varchar, type varchar, is_deleted boolean);

create table campaign_member (
    id varchar,
    campaign_id varchar,
    contact_id varchar,
    lead_id varchar,
    status varchar,
    created_date timestamptz,
    is_deleted boolean
);
