-- Asked of what the suppressions are made from, not of suppressions itself: nobody in an audience
-- is staff or a bot, bought within the days that the family excludes, is in a family that it excludes,
-- or had the destination's allowance, under any customer of the person. Who withdrew is assert_no_audience_without_consent's.
with

audience_members as (select * from {{ ref('audience_members') }}),

segments as (select * from {{ ref('segments') }}),

memberships as (
    -- As the families' excludes name them.
    select
        customer_id,
        segment_id,
        family as excluded_as
    from {{ ref('segment_memberships') }}
    union all
    select
        customer_id,
        segment_id,
        family || '@' || cast(lookback_days as string) || 'd' as excluded_as
    from {{ ref('segment_memberships') }}
    where lookback_days is not null
),

destinations as (select * from {{ ref('destinations') }}),

customers as (select * from {{ ref('customers') }}),

people as (select * from {{ ref('int_identity_people') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

campaigns as (select * from {{ ref('stg_ads__campaigns') }}),

touches as (
    select * from {{ ref('stg_ads__touches') }}
    where touch_type not in ('click', 'open', 'would_be_impression') and touched_at < {{ as_of() }}
),

members as (
    select
        audience_members.destination_key,
        audience_members.segment_id,
        audience_members.customer_id,
        twins.customer_id as twin_id
    from audience_members
    inner join people on audience_members.customer_id = people.customer_id
    inner join people as twins on people.person_id = twins.person_id
),

who_they_are as (
    select
        members.destination_key,
        members.customer_id,
        case
            when customers.is_internal then 'is staff'
            when customers.is_bot then 'is a bot'
            else 'bought at ' || cast(customers.last_ordered_at as string)
        end as violation
    from members
    inner join segments on members.segment_id = segments.segment_id
    inner join customers on members.twin_id = customers.customer_id
    where
        customers.is_internal
        or customers.is_bot
        or (
            segments.excludes like '%recent_purchasers%'
            and customers.last_ordered_at
            >= {{ dbt.dateadd('day', -var('recent_purchase_days'), as_of()) }}
        )
),

what_they_are_in as (
    select
        members.destination_key,
        members.customer_id,
        'is in ' || memberships.segment_id as violation
    from members
    inner join segments on members.segment_id = segments.segment_id
    inner join memberships on members.twin_id = memberships.customer_id
    where
        {{ dbt.position(
            "', ' || memberships.excluded_as || ','", "', ' || segments.excludes || ','"
        ) }} > 0
),

-- A person in several segments has one allowance at a destination.
addressed as (
    select destination_key, customer_id, twin_id
    from members
    group by destination_key, customer_id, twin_id
),

what_they_got as (
    select
        addressed.destination_key,
        addressed.customer_id,
        'got ' || cast(count(*) as string) || ' touches' as violation
    from addressed
    inner join destinations on addressed.destination_key = destinations.destination_key
    inner join identity_map on addressed.twin_id = identity_map.customer_id
    inner join touches
        on
            identity_map.identifier_id = touches.identifier_id
            and touches.touched_at
            >= {{ dbt.dateadd('day', '-destinations.frequency_window_days', as_of()) }}
    inner join campaigns
        on
            touches.campaign_id = campaigns.campaign_id
            and destinations.campaign_platform = campaigns.platform
    group by addressed.destination_key, addressed.customer_id, destinations.frequency_cap
    having count(*) >= destinations.frequency_cap
),

violations as (
    select * from who_they_are
    union all
    select * from what_they_are_in
    union all
    select * from what_they_got
),

final as (
    select
        'audience_members: ' || customer_id || ' goes to ' || destination_key || ' and '
        || violation as problem
    from violations
)

select * from final
