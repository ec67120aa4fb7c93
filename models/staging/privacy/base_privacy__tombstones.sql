{#- A memory: rows are only ever added, and `full_refresh=false` keeps them, so that a person stays
    erased when the source has forgotten the request, or sends an old file again. -#}
{{
    config(
        pre_hook='{{ check_erasure_salt() }}',
        post_hook=['{{ forget_erased_matches(this) }}', '{{ drop_reached_tables(this) }}'],
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        on_schema_change='append_new_columns'
    )
}}

{#- Where nobody new asks and nobody returns beside somebody new, only what arrived of late is read. -#}
{% set reach = erasure_reach(
    ref('base_privacy__checked_erasure_requests'), ref('base_privacy__sightings')
) if is_incremental() else none %}

{% if var('probabilistic_matching') -%}
{%- set probable_links %}
    union all
    select
        {{ identifier_id("'contact_id'", 'left_contact_id') }} as identifier_id,
        {{ identifier_id("'contact_id'", 'right_contact_id') }} as linked_identifier_id,
        cast(null as timestamp) as first_seen_at,
        true as is_probable
    from {{ ref('stg_crm__contact_matches') }}
    where match_probability >= {{ var('erasure_match_probability') }}
    union all
    select
        {{ identifier_id("'contact_id'", 'right_contact_id') }} as identifier_id,
        {{ identifier_id("'contact_id'", 'left_contact_id') }} as linked_identifier_id,
        cast(null as timestamp) as first_seen_at,
        true as is_probable
    from {{ ref('stg_crm__contact_matches') }}
    where match_probability >= {{ var('erasure_match_probability') }}
{%- endset -%}
{%- endif -%}

{%- set askers -%}
requests as (
    select request_id, requested_at, identifier_id
    from {{ ref('base_privacy__checked_erasure_requests') }}
    where reason is null
),

{% if is_incremental() -%}
known as (
    select tombstone, marks, request_id, requested_at
    from {{ this }}
),
{%- else -%}
known as (
    select
        cast(null as {{ dbt.type_string() }}) as tombstone,
        cast(null as {{ dbt.type_string() }}) as marks,
        cast(null as {{ dbt.type_string() }}) as request_id,
        cast(null as timestamp) as requested_at
    where 1 = 0
),
{%- endif %}

-- Without anybody to look for nothing is read.
wanted as (
    select request_id from requests
    union all
    select request_id from known
)
{%- endset -%}

{%- set sightings -%}
    select
        anonymous_id,
        user_id,
        contact_id,
        email,
        phone,
        order_id,
        min(seen_at) as first_seen_at,
        row_number() over (
            order by source_table, anonymous_id, user_id, contact_id, email, phone, order_id
        ) as sighting_number
    from {{ ref('base_privacy__sightings') }}
    where (select count(*) from wanted) > 0 and {{ arrived_within(reach) }}
    group by source_table, anonymous_id, user_id, contact_id, email, phone, order_id
{%- endset -%}

{%- set ctes -%}
{{ askers }},

{{ read_often('sightings', sightings, askers) }},

-- What a sighting can name, and by how many people it may be shared.
kinds (kind, is_person, allowed_count) as (
    values
    ('user_id', true, 0),
    ('contact_id', true, 0),
    ('anonymous_id', false, {{ var('max_users_per_identifier').anonymous_id }}),
    ('email', false, {{ var('max_users_per_identifier').email }}),
    ('phone', false, {{ var('max_users_per_identifier').phone }})
),

identifiers as (
    select
        sightings.sighting_number,
        sightings.first_seen_at,
        case kinds.kind
            when 'user_id' then sightings.user_id
            when 'contact_id' then sightings.contact_id
            when 'anonymous_id' then sightings.anonymous_id
            when 'email' then sightings.email
            when 'phone' then sightings.phone
        end as identifier_id,
        kinds.is_person,
        kinds.allowed_count
    from sightings
    cross join kinds
),

-- In sightings, and in the tables of which each row names one identifier.
found_identifiers as (
    select
        identifier_id,
        {{ tombstone('identifier_id') }} as tombstone
    from (
        select identifier_id
        from identifiers
        union
        select order_id as identifier_id
        from sightings
        union
        select identifier_id
        from {{ ref('base_privacy__identifiers') }}
        where
            source_table not in ('web/events', 'crm/contacts', 'shop/orders')
            and (select count(*) from wanted) > 0
            and {{ arrived_within(reach) }}
    ) as all_identifiers
),

known_identifiers as (
    select identifier_id from found_identifiers
    union
    select identifier_id from requests
),

-- Who was erased can come again, with an old file and with identifiers that nobody knew of.
returned as (
    select known.request_id, known.requested_at, known.marks, found_identifiers.identifier_id
    from known
    inner join found_identifiers on known.tombstone = found_identifiers.tombstone
),

-- By the rule of identity resolution: what too many people share is no evidence of who they are.
-- Here it is asked of refused rows too.
-- Each person once: counting distinct texts in many groups costs several times as much.
shared_by_many as (
    select identifier_id
    from (
        select distinct
            evidence.identifier_id,
            evidence.allowed_count,
            persons.identifier_id as person_id
        from identifiers as evidence
        inner join identifiers as persons
            on evidence.sighting_number = persons.sighting_number and persons.is_person
        where
            not evidence.is_person
            and evidence.identifier_id is not null
            and persons.identifier_id is not null
    ) as bearers
    group by identifier_id, allowed_count
    having
        greatest(
            count(*) filter (where person_id like 'user_id:%'),
            count(*) filter (where person_id like 'contact_id:%')
        ) > allowed_count
),

-- What was shared stays shared when the others' rows have gone from the source.
shared_identifiers as (
    select identifier_id from shared_by_many
    union
    select identifier_id from returned
    where marks = 'shared_identifier'
),

own_identifiers as (
    select
        identifiers.sighting_number,
        identifiers.first_seen_at,
        identifiers.identifier_id
    from identifiers
    left join shared_identifiers on identifiers.identifier_id = shared_identifiers.identifier_id
    where identifiers.identifier_id is not null and shared_identifiers.identifier_id is null
),

links as (
    select
        one.identifier_id,
        other.identifier_id as linked_identifier_id,
        min(one.first_seen_at) as first_seen_at,
        false as is_probable
    from own_identifiers as one
    inner join own_identifiers as other
        on
            one.sighting_number = other.sighting_number
            and one.identifier_id <> other.identifier_id
    group by one.identifier_id, other.identifier_id
    union all
    -- A user id that is an e-mail address has the address's hash.
    select
        one.identifier_id,
        other.identifier_id as linked_identifier_id,
        cast(null as timestamp) as first_seen_at,
        false as is_probable
    from known_identifiers as one
    inner join known_identifiers as other
        on
            right(one.identifier_id, 64) = right(other.identifier_id, 64)
            and one.identifier_id <> other.identifier_id
    where {{ is_sha256("split_part(one.identifier_id, ':', 2)") }}{{ probable_links | default('') }}
),

-- Whoever is named by an identifier that many share is not known by it: such a request reaches
-- no one, and stg_privacy__erasure_requests says so.
named as (
    select request_id, requested_at, identifier_id
    from requests
    union
    select request_id, requested_at, identifier_id
    from returned
    where marks = 'identifier'
),

starts as (
    select named.request_id, named.requested_at, named.identifier_id, false as is_probable
    from named
    left join shared_identifiers on named.identifier_id = shared_identifiers.identifier_id
    where shared_identifiers.identifier_id is null
),

open_links as (
    select
        links.identifier_id,
        links.linked_identifier_id,
        links.first_seen_at,
        links.is_probable
    from links
    left join shared_identifiers
        on links.linked_identifier_id = shared_identifiers.identifier_id
    where shared_identifiers.identifier_id is null
)
{%- endset -%}

-- Only what was seen together before the request is followed: a number that is given to somebody
-- else afterwards, or a device that is sold, leads nowhere. The few that were reached stand on the
-- right of the join: each step looks them up, not all links.
{%- set follow_links -%}
    select
        reached.request_id,
        reached.requested_at,
        open_links.linked_identifier_id,
        reached.is_probable or open_links.is_probable as is_probable
    from open_links
    inner join reached on open_links.identifier_id = reached.identifier_id
    where coalesce(open_links.first_seen_at <= reached.requested_at, true)
{%- endset %}

with recursive {{ ctes }},

reached (request_id, requested_at, identifier_id, is_probable) as (
    {{ everything_reached(ctes, 'starts', follow_links, 'open_links') }}
),

-- The rows of those people show what else is theirs: orders, whose lines bear no other identifier,
-- and what they share with others, which stays but must never be taken for one person's.
reached_sightings as (
    -- distinct, because several identifiers of a person stand in one row
    select distinct
        reached.request_id,
        reached.requested_at,
        reached.is_probable,
        own_identifiers.sighting_number
    from reached
    inner join own_identifiers on reached.identifier_id = own_identifiers.identifier_id
),

marked as (
    select 'identifier' as marks, identifier_id, request_id, requested_at, is_probable
    from reached
    union all
    -- The ledger knows people by customer_id, which is made from one of their identifiers.
    select
        'customer' as marks,
        'customer_id:' || {{ customer_key('identifier_id') }} as identifier_id,
        request_id,
        requested_at,
        is_probable
    from reached
    union all
    select
        'order' as marks,
        sightings.order_id as identifier_id,
        reached_sightings.request_id,
        reached_sightings.requested_at,
        reached_sightings.is_probable
    from reached_sightings
    inner join sightings on reached_sightings.sighting_number = sightings.sighting_number
    where sightings.order_id is not null
    union all
    select
        'shared_identifier' as marks,
        identifiers.identifier_id,
        reached_sightings.request_id,
        reached_sightings.requested_at,
        reached_sightings.is_probable
    from reached_sightings
    inner join identifiers on reached_sightings.sighting_number = identifiers.sighting_number
    inner join shared_identifiers
        on identifiers.identifier_id = shared_identifiers.identifier_id
    union all
    -- A request that named one is not met later, when only one of them is left.
    select
        'shared_identifier' as marks,
        requests.identifier_id,
        requests.request_id,
        requests.requested_at,
        false as is_probable
    from requests
    inner join shared_identifiers on requests.identifier_id = shared_identifiers.identifier_id
),

ranked as (
    select
        marked.*,
        found_identifiers.identifier_id is not null as is_found,
        row_number() over (
            partition by marked.marks, marked.identifier_id
            order by marked.requested_at, marked.request_id, marked.is_probable
        ) as request_rank
    from marked
    left join found_identifiers on marked.identifier_id = found_identifiers.identifier_id
),

buried as (
    select
        {{ tombstone('identifier_id') }} as tombstone,
        marks,
        request_id,
        requested_at,
        is_found,
        {{ run_time() }} as erased_at,
        {{ tombstone("'the salt'") }} as salt_check,
        is_probable
    from ranked
    where request_rank = 1
),

final as (
    select buried.*
    from buried
    left join known
        on buried.tombstone = known.tombstone and buried.marks = known.marks
    where known.tombstone is null
)

select * from final
