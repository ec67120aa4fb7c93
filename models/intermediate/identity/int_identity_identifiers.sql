with

sightings as (select * from {{ ref('int_identity_sightings') }}),

named as (
    select
        'anonymous_id' as identifier_type,
        anonymous_id as identifier_value,
        first_seen_at,
        last_seen_at
    from sightings
    union all
    select
        'user_id' as identifier_type,
        user_id as identifier_value,
        first_seen_at,
        last_seen_at
    from sightings
    union all
    select
        'contact_id' as identifier_type,
        contact_id as identifier_value,
        first_seen_at,
        last_seen_at
    from sightings
    union all
    select
        'email' as identifier_type,
        email as identifier_value,
        first_seen_at,
        last_seen_at
    from sightings
    union all
    select
        'phone' as identifier_type,
        phone as identifier_value,
        first_seen_at,
        last_seen_at
    from sightings
),

final as (
    select
        {{ identifier_id('identifier_type', 'identifier_value') }} as identifier_id,
        identifier_type,
        identifier_value,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at
    from named
    where identifier_value is not null
    group by identifier_type, identifier_value
)

select * from final
