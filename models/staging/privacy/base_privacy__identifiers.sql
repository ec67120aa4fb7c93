-- A view: what it shows is about people who asked to be erased too, and must not be kept.
{{ config(materialized='view') }}

with events as (
    select * from {{ ref('base_web__checked_events') }}
),

contacts as (
    select * from {{ ref('base_crm__checked_contacts') }}
),

consents as (
    select * from {{ ref('base_crm__checked_consents') }}
),

orders as (
    select * from {{ ref('base_shop__checked_orders') }}
),

order_lines as (
    select * from {{ ref('base_shop__checked_order_lines') }}
),

touches as (
    select * from {{ ref('base_ads__checked_touches') }}
),

assignments as (
    select * from {{ ref('base_experiments__checked_assignments') }}
),

attributes as (
    select * from {{ ref('base_enrichment__checked_attributes') }}
),

-- One branch a table and column: a reader that names a table reads no other. Where a row has none,
-- identifier_id is null: leaving these out here would clean and hash every value twice.
final as (
    select
        'web/events' as source_table,
        {{ identifier_id("'user_id'", 'user_id') }} as identifier_id,
        received_at as arrived_at
    from events
    union all
    select
        'web/events' as source_table,
        {{ identifier_id("'anonymous_id'", 'anonymous_id') }} as identifier_id,
        received_at as arrived_at
    from events
    union all
    select
        'crm/contacts' as source_table,
        {{ identifier_id("'contact_id'", 'contact_id') }} as identifier_id,
        {{ always() }} as arrived_at
    from contacts
    union all
    select
        'crm/contacts' as source_table,
        {{ identifier_id("'user_id'", 'user_id') }} as identifier_id,
        {{ always() }} as arrived_at
    from contacts
    union all
    select
        'crm/contacts' as source_table,
        {{ identifier_id("'email'", 'email_hash') }} as identifier_id,
        {{ always() }} as arrived_at
    from contacts
    union all
    select
        'crm/contacts' as source_table,
        {{ identifier_id("'phone'", 'phone_hash') }} as identifier_id,
        {{ always() }} as arrived_at
    from contacts
    union all
    select
        'crm/consents' as source_table,
        identifier_id,
        {{ always() }} as arrived_at
    from consents
    union all
    select
        'shop/orders' as source_table,
        {{ identifier_id("'user_id'", 'user_id') }} as identifier_id,
        {{ always() }} as arrived_at
    from orders
    union all
    select
        'shop/orders' as source_table,
        {{ identifier_id("'email'", 'email_hash') }} as identifier_id,
        {{ always() }} as arrived_at
    from orders
    union all
    select
        'shop/orders' as source_table,
        {{ identifier_id("'anonymous_id'", 'anonymous_id') }} as identifier_id,
        {{ always() }} as arrived_at
    from orders
    union all
    select
        'shop/orders' as source_table,
        {{ identifier_id("'order_id'", 'order_id') }} as identifier_id,
        {{ always() }} as arrived_at
    from orders
    union all
    select
        'shop/order_lines' as source_table,
        {{ identifier_id("'order_id'", 'order_id') }} as identifier_id,
        {{ always() }} as arrived_at
    from order_lines
    union all
    select
        'ads/touches' as source_table,
        identifier_id,
        touched_at as arrived_at
    from touches
    union all
    select
        'experiments/assignments' as source_table,
        identifier_id,
        {{ always() }} as arrived_at
    from assignments
    union all
    select
        'enrichment/attributes' as source_table,
        identifier_id,
        {{ always() }} as arrived_at
    from attributes
)

select * from final
