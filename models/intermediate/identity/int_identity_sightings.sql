with

events as (
    select * from {{ ref('int_identity_event_sightings') }}
    where sighting_date < {{ as_of() }}
),

contacts as (select * from {{ ref('stg_crm__contacts') }}),

orders as (select * from {{ ref('stg_shop__orders') }}),

assignments as (
    select * from {{ ref('stg_experiments__assignments') }}
    where unit_type = 'customer'
),

past as (
    select * from {{ ref('stg_privacy__past_sightings') }}
    where seen_at < {{ as_of() }}
),

event_sightings as (
    select
        'event' as evidence,
        anonymous_id,
        user_id,
        cast(null as {{ dbt.type_string() }}) as contact_id,
        cast(null as {{ dbt.type_string() }}) as email,
        cast(null as {{ dbt.type_string() }}) as phone,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        sum(sighting_count) as sighting_count,
        sum(unusable_id_count) as unusable_id_count,
        0 as unusable_email_count,
        0 as unusable_phone_count,
        0 as mixed_script_email_count
    from events
    group by anonymous_id, user_id
),

contact_sightings as (
    select
        'contact' as evidence,
        cast(null as {{ dbt.type_string() }}) as anonymous_id,
        user_id,
        contact_id,
        email_hash as email,
        phone_hash as phone,
        min(created_at) as first_seen_at,
        max(created_at) as last_seen_at,
        count(*) as sighting_count,
        sum(unusable_id_count) as unusable_id_count,
        count(*) filter (where has_unusable_email) as unusable_email_count,
        count(*) filter (where has_unusable_phone) as unusable_phone_count,
        count(*) filter (where has_mixed_script_email) as mixed_script_email_count
    from contacts
    where created_at < {{ as_of() }}
    group by user_id, contact_id, email_hash, phone_hash
),

order_sightings as (
    select
        'order' as evidence,
        anonymous_id,
        user_id,
        cast(null as {{ dbt.type_string() }}) as contact_id,
        email_hash as email,
        cast(null as {{ dbt.type_string() }}) as phone,
        min(ordered_at) as first_seen_at,
        max(ordered_at) as last_seen_at,
        count(*) as sighting_count,
        sum(unusable_id_count) as unusable_id_count,
        count(*) filter (where has_unusable_email) as unusable_email_count,
        0 as unusable_phone_count,
        count(*) filter (where has_mixed_script_email) as mixed_script_email_count
    from orders
    where ordered_at < {{ as_of() }}
    group by anonymous_id, user_id, email_hash
),

assignment_sightings as (
    -- A unit that another system assigned is a customer even where nothing else was heard of it:
    -- leaving it out would drop the units without an outcome.
    select
        'assignment' as evidence,
        case when identifier_type = 'anonymous_id' then identifier_value end as anonymous_id,
        case when identifier_type = 'user_id' then identifier_value end as user_id,
        case when identifier_type = 'contact_id' then identifier_value end as contact_id,
        case when identifier_type = 'email' then identifier_value end as email,
        case when identifier_type = 'phone' then identifier_value end as phone,
        min(assigned_at) as first_seen_at,
        max(assigned_at) as last_seen_at,
        count(*) as sighting_count,
        -- Staging refuses the assignment of a unit that is no one.
        0 as unusable_id_count,
        0 as unusable_email_count,
        0 as unusable_phone_count,
        0 as mixed_script_email_count
    from assignments
    where assigned_at < {{ as_of() }}
    group by identifier_type, identifier_value
),

past_sightings as (
    -- What a row that is past its retention showed still links; of the row nothing else is held.
    select
        evidence,
        anonymous_id,
        user_id,
        contact_id,
        email,
        phone,
        min(seen_at) as first_seen_at,
        max(seen_at) as last_seen_at,
        0 as sighting_count,
        0 as unusable_id_count,
        0 as unusable_email_count,
        0 as unusable_phone_count,
        0 as mixed_script_email_count
    from past
    group by evidence, anonymous_id, user_id, contact_id, email, phone
),

final as (
    select * from event_sightings
    union all
    select * from contact_sightings
    union all
    select * from order_sightings
    union all
    select * from assignment_sightings
    union all
    select * from past_sightings
)

select * from final
