-- Once events that are past their retention have left:
-- depends_on: {{ ref('stg_web__events') }}
with events as (
    select * from {{ ref('base_web__events') }}
    where removal_reason = 'past_retention'
),

contacts as (
    select * from {{ ref('base_crm__contacts') }}
    where removal_reason = 'past_retention' and contact_id is not null
),

orders as (
    select * from {{ ref('base_shop__orders') }}
    where removal_reason = 'past_retention' and ordered_at is not null
),

sightings as (
    select
        'event' as evidence,
        anonymous_id,
        user_id,
        cast(null as {{ dbt.type_string() }}) as contact_id,
        cast(null as {{ dbt.type_string() }}) as email,
        cast(null as {{ dbt.type_string() }}) as phone,
        occurred_at as seen_at
    from events
    union all
    select
        'contact' as evidence,
        null as anonymous_id,
        user_id,
        contact_id,
        email_hash as email,
        phone_hash as phone,
        created_at as seen_at
    from contacts
    union all
    select
        'order' as evidence,
        anonymous_id,
        user_id,
        null as contact_id,
        email_hash as email,
        null as phone,
        ordered_at as seen_at
    from orders
),

-- distinct, because two orders of one moment can show the same identifiers
final as (
    select distinct
        evidence,
        anonymous_id,
        user_id,
        contact_id,
        email,
        phone,
        seen_at
    from sightings
)

select * from final
