-- Asked of the sources again, not of the models that the audience is made from: the latest decision
-- of any identifier of an exported person on the destination's purpose must be a consent.
with

audience_members as (select * from {{ ref('audience_members') }}),

destinations as (select * from {{ ref('destinations') }}),

identifiers as (select * from {{ ref('customer_identifiers') }}),

consents as (
    select * from {{ ref('stg_crm__consents') }}
    where recorded_at < {{ as_of() }}
),

decisions as (
    select
        identifiers.customer_id,
        consents.purpose,
        max(case when consents.status = 'granted' then consents.recorded_at end) as granted_at,
        max(case when consents.status = 'withdrawn' then consents.recorded_at end) as withdrawn_at
    from consents
    inner join identifiers
        on
            consents.identifier_type = identifiers.identifier_type
            and consents.identifier_value = identifiers.identifier_value
    group by identifiers.customer_id, consents.purpose
),

final as (
    select
        'audience_members: ' || audience_members.customer_id || ' goes to '
        || audience_members.destination_key || ' without consent to '
        || destinations.required_consent as problem
    from audience_members
    inner join destinations
        on audience_members.destination_key = destinations.destination_key
    left join decisions
        on
            audience_members.customer_id = decisions.customer_id
            and destinations.required_consent = decisions.purpose
    where
        decisions.granted_at is null
        or decisions.granted_at <= coalesce(decisions.withdrawn_at, cast('0001-01-01' as timestamp))
)

select * from final
