-- A view: what it shows is about people who asked to be erased too, and must not be kept.
{{ config(materialized='view') }}

with events as (
    select * from {{ ref('base_web__checked_events') }}
),

contacts as (
    select * from {{ ref('base_crm__checked_contacts') }}
),

orders as (
    select * from {{ ref('base_shop__checked_orders') }}
),

event_sightings as (
    select
        'web/events' as source_table,
        {{ identifier_id("'anonymous_id'", 'anonymous_id') }} as anonymous_id,
        {{ identifier_id("'user_id'", 'user_id') }} as user_id,
        cast(null as {{ dbt.type_string() }}) as contact_id,
        cast(null as {{ dbt.type_string() }}) as email,
        cast(null as {{ dbt.type_string() }}) as phone,
        cast(null as {{ dbt.type_string() }}) as order_id,
        occurred_at as seen_at,
        received_at as arrived_at
    from events
),

contact_sightings as (
    select
        'crm/contacts' as source_table,
        cast(null as {{ dbt.type_string() }}) as anonymous_id,
        {{ identifier_id("'user_id'", 'user_id') }} as user_id,
        {{ identifier_id("'contact_id'", 'contact_id') }} as contact_id,
        {{ identifier_id("'email'", 'email_hash') }} as email,
        {{ identifier_id("'phone'", 'phone_hash') }} as phone,
        cast(null as {{ dbt.type_string() }}) as order_id,
        created_at as seen_at,
        {{ always() }} as arrived_at
    from contacts
),

order_sightings as (
    select
        'shop/orders' as source_table,
        {{ identifier_id("'anonymous_id'", 'anonymous_id') }} as anonymous_id,
        {{ identifier_id("'user_id'", 'user_id') }} as user_id,
        cast(null as {{ dbt.type_string() }}) as contact_id,
        {{ identifier_id("'email'", 'email_hash') }} as email,
        cast(null as {{ dbt.type_string() }}) as phone,
        {{ identifier_id("'order_id'", 'order_id') }} as order_id,
        ordered_at as seen_at,
        {{ always() }} as arrived_at
    from orders
),

final as (
    select * from event_sightings
    union all
    select * from contact_sightings
    union all
    select * from order_sightings
)

select * from final
