with

sightings as (select * from {{ ref('int_identity_sightings') }}),

linked as (
    -- Each pair of identifiers that one row shows together.
    select
        {{ identifier_id("'anonymous_id'", 'anonymous_id') }} as left_identifier_id,
        {{ identifier_id("'user_id'", 'user_id') }} as right_identifier_id,
        evidence, first_seen_at, last_seen_at, sighting_count
    from sightings
    union all
    select
        {{ identifier_id("'anonymous_id'", 'anonymous_id') }} as left_identifier_id,
        {{ identifier_id("'email'", 'email') }} as right_identifier_id,
        evidence, first_seen_at, last_seen_at, sighting_count
    from sightings
    union all
    select
        {{ identifier_id("'email'", 'email') }} as left_identifier_id,
        {{ identifier_id("'user_id'", 'user_id') }} as right_identifier_id,
        evidence, first_seen_at, last_seen_at, sighting_count
    from sightings
    union all
    select
        {{ identifier_id("'contact_id'", 'contact_id') }} as left_identifier_id,
        {{ identifier_id("'user_id'", 'user_id') }} as right_identifier_id,
        evidence, first_seen_at, last_seen_at, sighting_count
    from sightings
    union all
    select
        {{ identifier_id("'email'", 'email') }} as left_identifier_id,
        {{ identifier_id("'contact_id'", 'contact_id') }} as right_identifier_id,
        evidence, first_seen_at, last_seen_at, sighting_count
    from sightings
    union all
    select
        {{ identifier_id("'phone'", 'phone') }} as left_identifier_id,
        {{ identifier_id("'contact_id'", 'contact_id') }} as right_identifier_id,
        evidence, first_seen_at, last_seen_at, sighting_count
    from sightings
),

edges as (
    select
        left_identifier_id,
        right_identifier_id,
        evidence,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        sum(sighting_count) as sighting_count
    from linked
    where left_identifier_id is not null and right_identifier_id is not null
    group by left_identifier_id, right_identifier_id, evidence
),

persons_per_identifier as (
    -- Users and contacts are persons; a device, an e-mail address or a phone is only evidence.
    select
        left_identifier_id as identifier_id,
        count(distinct right_identifier_id) filter (
            where right_identifier_id like 'user_id:%'
        ) as user_count,
        count(distinct right_identifier_id) filter (
            where right_identifier_id like 'contact_id:%'
        ) as contact_count
    from edges
    where left_identifier_id not like 'contact_id:%'
    group by left_identifier_id
),

shared as (
    select identifier_id
    from persons_per_identifier
    where
        greatest(user_count, contact_count) > case
            when identifier_id like 'anonymous_id:%'
                then {{ var('max_users_per_identifier').anonymous_id }}
            when identifier_id like 'email:%' then {{ var('max_users_per_identifier').email }}
            else {{ var('max_users_per_identifier').phone }}
        end
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
    left join shared as left_shared on edges.left_identifier_id = left_shared.identifier_id
    left join shared as right_shared on edges.right_identifier_id = right_shared.identifier_id
)

select * from final
