-- Every member of a segment that goes to a destination is in its audience or stands in
-- audience_exclusions with a reason, and nobody else does. Counted from memberships and seeds.
with

members as (
    -- distinct, because two patterns may send a segment to one destination
    select distinct
        segment_destinations.destination_key,
        memberships.segment_id,
        memberships.customer_id
    from {{ ref('segment_memberships') }} as memberships
    inner join {{ ref('segments') }} as segments
        on memberships.segment_id = segments.segment_id and segments.kind = 'audience'
    inner join {{ ref('segment_destinations') }} as segment_destinations
        on memberships.segment_id like segment_destinations.segment_id
    inner join {{ ref('destinations') }} as destinations
        on segment_destinations.destination_key = destinations.destination_key
),

counted as (
    select destination_key, segment_id, 1 as members, 0 as exported, 0 as left_out
    from members
    union all
    select destination_key, segment_id, 0 as members, 1 as exported, 0 as left_out
    from {{ ref('audience_members') }}
    union all
    select destination_key, segment_id, 0 as members, 0 as exported, 1 as left_out
    from {{ ref('audience_exclusions') }}
),

totals as (
    select
        destination_key,
        segment_id,
        sum(members) as members,
        sum(exported) as exported,
        sum(left_out) as left_out
    from counted
    group by destination_key, segment_id
),

twice as (
    select audience_members.destination_key, audience_members.segment_id, count(*) as people
    from {{ ref('audience_members') }} as audience_members
    inner join {{ ref('audience_exclusions') }} as exclusions
        on
            audience_members.destination_key = exclusions.destination_key
            and audience_members.segment_id = exclusions.segment_id
            and audience_members.customer_id = exclusions.customer_id
    group by audience_members.destination_key, audience_members.segment_id
),

final as (
    select
        'audience_members: of ' || segment_id || ' at ' || destination_key || ' ' || exported
        || ' are in and ' || left_out || ' stand in audience_exclusions, which are not its '
        || members || ' members' as problem
    from totals
    where members <> exported + left_out
    union all
    select
        'audience_members: of ' || segment_id || ' at ' || destination_key || ' ' || people
        || ' are in and stand in audience_exclusions too' as problem
    from twice
)

select * from final
