-- Shopify by Fivetran's connector (REST): https://fivetran.com/docs/connectors/applications/shopify
-- What the columns mean: https://shopify.dev/docs/api/admin-rest/latest/resources/order
-- Amounts are in the shop's currency, the one of order.currency; what the buyer saw stands in presentment_currency.
-- Fivetran's newer GraphQL tables and Airbyte's nested ones need a view that gives these names.

create table "order" (
    id bigint,
    customer_id bigint,
    email varchar,
    created_at timestamptz,
    processed_at timestamptz,
    cancelled_at timestamptz,
    financial_status varchar,
    total_price double,
    currency varchar,
    test boolean,
    _fivetran_deleted boolean
);

create table order_line (
    id bigint,
    order_id bigint,
    "index" bigint,
    product_id bigint,
    quantity bigint,
    price double
);

create table discount_allocation (order_line_id bigint, "index" bigint, amount double);

create table refund (id bigint, order_id bigint, created_at timestamptz);

create table order_line_refund (
    id bigint,
    refund_id bigint,
    order_line_id bigint,
    quantity bigint,
    subtotal double,
    total_tax double
);

create table product (id bigint, title varchar, product_type varchar, _fivetran_deleted boolean);

create table product_variant (id bigint, product_id bigint, price double, compare_at_price double);

create table shop (id bigint, currency varchar);

create table customer (
    id bigint,
    email varchar,
    phone varchar,
    first_name varchar,
    last_name varchar,
    created_at timestamptz,
    updated_at timestamptz,
    default_address_id bigint,
    email_marketing_consent_state varchar,
    email_marketing_consent_consent_updated_at timestamptz
);

create table customer_address (id bigint, customer_id bigint, zip varchar, country_code varchar);
