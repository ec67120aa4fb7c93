with

profiles as (select * from {{ ref('int_customer_profiles') }}),

people as (select * from {{ ref('int_identity_people') }}),

consents as (select * from {{ ref('int_customer_consents') }}),

caps_reached as (select * from {{ ref('int_frequency_caps_reached') }}),

exclusions as (select * from {{ ref('int_segment_exclusions') }}),

memberships as (select * from {{ ref('segment_memberships') }}),

person_facts as (
    select
        people.person_id,
        bool_or(profiles.is_internal) as is_internal,
        bool_or(profiles.is_bot) as is_bot
    from profiles
    inner join people on profiles.customer_id = people.customer_id
    group by people.person_id
),

customer_facts as (
    -- What is known of one customer of a person holds for all of them.
    select people.customer_id, person_facts.*
    from people
    inner join person_facts on people.person_id = person_facts.person_id
),

excluded_people as (
    -- Whoever is in a family that another one leaves out, in any of its windows or in the one named.
    select
        people.person_id,
        exclusions.family,
        case exclusions.excluded_family
            when 'recent_purchasers' then 'recent_purchaser'
            else 'excluded_family'
        end as reason,
        max(memberships.qualified_at) as qualified_at
    from exclusions
    inner join memberships
        on
            exclusions.excluded_family = memberships.family
            and coalesce(exclusions.excluded_lookback_days, memberships.lookback_days, 0)
            = coalesce(memberships.lookback_days, 0)
    inner join people on memberships.customer_id = people.customer_id
    group by
        people.person_id,
        exclusions.family,
        case exclusions.excluded_family
            when 'recent_purchasers' then 'recent_purchaser'
            else 'excluded_family'
        end
),

suppressed as (
    select
        customer_id,
        'everything' as scope_type,
        'all' as scope_key,
        'internal' as reason,
        cast(null as timestamp) as arose_at
    from customer_facts
    where is_internal
    union all
    select
        customer_id,
        'everything' as scope_type,
        'all' as scope_key,
        'bot' as reason,
        null as arose_at
    from customer_facts
    where is_bot
    union all
    -- int_customer_consents has found the person's other customers already.
    select
        customer_id,
        'purpose' as scope_type,
        purpose as scope_key,
        'unsubscribed' as reason,
        recorded_at as arose_at
    from consents
    where purpose = 'email_marketing' and not is_granted
    union all
    select
        people.customer_id,
        'family' as scope_type,
        excluded_people.family as scope_key,
        excluded_people.reason,
        excluded_people.qualified_at as arose_at
    from excluded_people
    inner join people on excluded_people.person_id = people.person_id
    union all
    select
        people.customer_id,
        'destination' as scope_type,
        caps_reached.destination_key as scope_key,
        'frequency_capped' as reason,
        caps_reached.last_touched_at as arose_at
    from caps_reached
    inner join people on caps_reached.person_id = people.person_id
),

final as (
    select
        customer_id,
        scope_type,
        scope_key,
        reason,
        arose_at,
        {{ as_of() }} as as_of
    from suppressed
)

select * from final
