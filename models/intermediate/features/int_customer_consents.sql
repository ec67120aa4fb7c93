with

consents as (
    select * from {{ ref('stg_crm__consents') }}
    where recorded_at < {{ as_of() }}
),

identity_map as (select * from {{ ref('int_identity_map') }}),

people as (select * from {{ ref('int_identity_people') }}),

shared_bearers as (select * from {{ ref('int_identity_shared_bearers') }}),

shared_identifiers as (select * from {{ ref('int_identity_shared_identifiers') }}),

grants as (
    -- Who agreed on a shared identifier is not known, so nobody did.
    select
        identity_map.customer_id,
        consents.purpose,
        consents.recorded_at as granted_at
    from consents
    inner join identity_map on consents.identifier_id = identity_map.identifier_id
    where
        consents.status = 'granted'
        and consents.identifier_id not in (
            select shared_identifiers.identifier_id from shared_identifiers
        )
),

bearers as (
    -- Whom an identifier may stand for: a shared one for everyone who was seen with it.
    select identifier_id, customer_id
    from identity_map
    union all
    select identifier_id, customer_id
    from shared_bearers
),

withdrawals as (
    select
        people.person_id,
        consents.purpose,
        max(consents.recorded_at) as withdrawn_at
    from consents
    inner join bearers on consents.identifier_id = bearers.identifier_id
    inner join people on bearers.customer_id = people.customer_id
    where consents.status = 'withdrawn'
    group by people.person_id, consents.purpose
),

decisions as (
    select customer_id, purpose, granted_at, cast(null as timestamp) as withdrawn_at
    from grants
    union all
    -- A withdrawal binds every customer of the person.
    select people.customer_id, withdrawals.purpose, null as granted_at, withdrawals.withdrawn_at
    from withdrawals
    inner join people on withdrawals.person_id = people.person_id
),

latest as (
    select
        customer_id,
        purpose,
        max(granted_at) as granted_at,
        max(withdrawn_at) as withdrawn_at
    from decisions
    group by customer_id, purpose
),

unbroken as (
    -- A grant that is given again does not end the time since the first.
    select
        grants.customer_id,
        grants.purpose,
        min(grants.granted_at) as valid_from
    from grants
    inner join latest
        on
            grants.customer_id = latest.customer_id
            and grants.purpose = latest.purpose
            and (latest.withdrawn_at is null or grants.granted_at > latest.withdrawn_at)
    group by grants.customer_id, grants.purpose
),

final as (
    -- At the same moment the withdrawal wins: doubt never gives consent.
    select
        latest.customer_id,
        latest.purpose,
        unbroken.valid_from is not null as is_granted,
        case
            when unbroken.valid_from is not null then latest.granted_at
            else latest.withdrawn_at
        end as recorded_at,
        unbroken.valid_from
    from latest
    left join unbroken
        on latest.customer_id = unbroken.customer_id and latest.purpose = unbroken.purpose
)

select * from final
