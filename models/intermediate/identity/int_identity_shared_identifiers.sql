with

sightings as (select * from {{ ref('int_identity_sightings') }}),

-- With one of two people erased, what they shared would pass for the other's own.
shared_before as (select * from {{ ref('stg_privacy__shared_identifiers') }}),

persons as (
    -- Users and contacts are persons; a device, an e-mail address or a phone is only evidence.
    select
        'anonymous_id' as identifier_type,
        anonymous_id as identifier_value,
        user_id,
        contact_id,
        {{ var('max_users_per_identifier').anonymous_id }} as allowed_count
    from sightings
    union all
    select
        'email' as identifier_type,
        email as identifier_value,
        user_id,
        contact_id,
        {{ var('max_users_per_identifier').email }} as allowed_count
    from sightings
    union all
    select
        'phone' as identifier_type,
        phone as identifier_value,
        user_id,
        contact_id,
        {{ var('max_users_per_identifier').phone }} as allowed_count
    from sightings
),

-- Each person once: counting distinct texts in many groups costs several times as much.
bearers as (
    select distinct
        identifier_type,
        identifier_value,
        allowed_count,
        'user' as bearer_type,
        user_id as bearer_id
    from persons
    where identifier_value is not null and user_id is not null
    union all
    select distinct
        identifier_type,
        identifier_value,
        allowed_count,
        'contact' as bearer_type,
        contact_id as bearer_id
    from persons
    where identifier_value is not null and contact_id is not null
    union all
    select distinct
        identifier_type,
        identifier_value,
        allowed_count,
        'nobody' as bearer_type,
        cast(null as {{ dbt.type_string() }}) as bearer_id
    from persons
    where identifier_value is not null
),

counted as (
    select
        {{ identifier_id('identifier_type', 'identifier_value') }} as identifier_id,
        identifier_type,
        identifier_value,
        allowed_count,
        count(*) filter (where bearer_type = 'user') as user_count,
        count(*) filter (where bearer_type = 'contact') as contact_count
    from bearers
    group by identifier_type, identifier_value, allowed_count
),

final as (
    select
        counted.identifier_id,
        counted.identifier_type,
        counted.identifier_value,
        counted.user_count,
        counted.contact_count,
        -- A user who is a contact too is one person, so the counts are not added.
        greatest(counted.user_count, counted.contact_count) as person_count,
        counted.allowed_count
    from counted
    where
        greatest(counted.user_count, counted.contact_count) > counted.allowed_count
        or {{ tombstone('counted.identifier_id') }} in (
            select shared_before.tombstone from shared_before
        )
)

select * from final
