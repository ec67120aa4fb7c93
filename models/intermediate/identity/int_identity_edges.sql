with

sightings as (select * from {{ ref('int_identity_sightings') }}),

shared_identifiers as (select * from {{ ref('int_identity_shared_identifiers') }}),

linking_types (evidence, left_type, right_type) as (
    -- Which pairs of identifiers each kind of evidence links. An account is in none of them.
    values
    ('event', 'anonymous_id', 'user_id'),
    ('contact', 'contact_id', 'user_id'),
    ('contact', 'email', 'user_id'),
    ('contact', 'email', 'contact_id'),
    ('contact', 'phone', 'contact_id'),
    ('order', 'anonymous_id', 'user_id'),
    ('order', 'anonymous_id', 'email'),
    ('order', 'email', 'user_id')
),

typed as (
    select
        linking_types.left_type,
        linking_types.right_type,
        case linking_types.left_type
            when 'anonymous_id' then sightings.anonymous_id
            when 'contact_id' then sightings.contact_id
            when 'email' then sightings.email
            when 'phone' then sightings.phone
        end as left_value,
        case linking_types.right_type
            when 'user_id' then sightings.user_id
            when 'contact_id' then sightings.contact_id
            when 'email' then sightings.email
        end as right_value,
        sightings.evidence,
        sightings.first_seen_at,
        sightings.last_seen_at,
        sightings.sighting_count
    from sightings
    inner join linking_types on sightings.evidence = linking_types.evidence
),

edges as (
    select
        {{ identifier_id('left_type', 'left_value') }} as left_identifier_id,
        {{ identifier_id('right_type', 'right_value') }} as right_identifier_id,
        evidence,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        sum(sighting_count) as sighting_count
    from typed
    where left_value is not null and right_value is not null
    group by left_type, left_value, right_type, right_value, evidence
),

final as (
    select
        edges.left_identifier_id,
        edges.right_identifier_id,
        edges.evidence,
        edges.first_seen_at,
        edges.last_seen_at,
        edges.sighting_count,
        -- An e-mail address stands on the right of an anonymous_id, so both ends are asked.
        left_shared.identifier_id is null and right_shared.identifier_id is null as is_used
    from edges
    left join shared_identifiers as left_shared
        on edges.left_identifier_id = left_shared.identifier_id
    left join shared_identifiers as right_shared
        on edges.right_identifier_id = right_shared.identifier_id
)

select * from final
