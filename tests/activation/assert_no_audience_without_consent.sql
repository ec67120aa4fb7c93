-- Asked of the sources again, not of the models that the audience is made from: of an exported
-- person some own, unshared identifier granted the destination's purpose, and nothing that may
-- stand for the person, by whatever link, withdrew it then or later.
with

audience_members as (select * from {{ ref('audience_members') }}),

destinations as (select * from {{ ref('destinations') }}),

identifiers as (select * from {{ ref('customer_identifiers') }}),

people as (select * from {{ ref('int_identity_people') }}),

shared_bearers as (select * from {{ ref('int_identity_shared_bearers') }}),

shared_identifiers as (select * from {{ ref('int_identity_shared_identifiers') }}),

consents as (
    select * from {{ ref('stg_crm__consents') }}
    where recorded_at < {{ as_of() }}
),

members as (
    select
        audience_members.destination_key,
        audience_members.customer_id,
        destinations.required_consent as purpose,
        people.person_id
    from audience_members
    inner join destinations
        on audience_members.destination_key = destinations.destination_key
    left join people on audience_members.customer_id = people.customer_id
    group by
        audience_members.destination_key,
        audience_members.customer_id,
        destinations.required_consent,
        people.person_id
),

own_grants as (
    select identifiers.customer_id, consents.purpose, consents.recorded_at
    from consents
    inner join identifiers
        on
            consents.identifier_type = identifiers.identifier_type
            and consents.identifier_value = identifiers.identifier_value
    left join shared_identifiers
        on consents.identifier_id = shared_identifiers.identifier_id
    where consents.status = 'granted' and shared_identifiers.identifier_id is null
),

binding_withdrawals as (
    select people.person_id, consents.purpose, consents.recorded_at
    from consents
    inner join identifiers
        on
            consents.identifier_type = identifiers.identifier_type
            and consents.identifier_value = identifiers.identifier_value
    inner join people on identifiers.customer_id = people.customer_id
    where consents.status = 'withdrawn'
    union all
    select people.person_id, consents.purpose, consents.recorded_at
    from consents
    inner join shared_bearers on consents.identifier_id = shared_bearers.identifier_id
    inner join people on shared_bearers.customer_id = people.customer_id
    where consents.status = 'withdrawn'
),

standing_grants as (
    select own_grants.customer_id, own_grants.purpose
    from own_grants
    inner join people on own_grants.customer_id = people.customer_id
    left join binding_withdrawals
        on
            people.person_id = binding_withdrawals.person_id
            and own_grants.purpose = binding_withdrawals.purpose
            and own_grants.recorded_at <= binding_withdrawals.recorded_at
    where binding_withdrawals.person_id is null
    group by own_grants.customer_id, own_grants.purpose
),

final as (
    select
        'audience_members: ' || members.customer_id || ' goes to ' || members.destination_key
        || ' without consent to ' || coalesce(members.purpose, '(none named)') as problem
    from members
    left join standing_grants
        on
            members.customer_id = standing_grants.customer_id
            and members.purpose = standing_grants.purpose
    where standing_grants.customer_id is null
)

select * from final
