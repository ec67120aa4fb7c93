{{ config(access='private', schema='intermediate') }}

with

memberships as (select * from {{ ref('segment_memberships') }}),

segments as (
    select * from {{ ref('segments') }}
    where kind = 'audience'
),

segment_destinations as (select * from {{ ref('segment_destinations') }}),

destinations as (select * from {{ ref('destinations') }}),

consents as (
    select * from {{ ref('int_customer_consents') }}
    where is_granted
),

suppressions as (select * from {{ ref('suppressions') }}),

held_out as (
    select * from {{ ref('int_held_out_customers') }}
    where segment_id is null
),

held_out_of_segments as (
    select * from {{ ref('int_held_out_customers') }}
    where segment_id is not null
),

control_members as (select * from {{ ref('int_control_members') }}),

routed as (
    -- A segment that two patterns send to one destination goes there once, at the higher bid.
    select
        segment_destinations.destination_key,
        segments.segment_id,
        segments.family,
        max(segment_destinations.bid_modifier) as bid_modifier
    from segments
    inner join segment_destinations
        on segments.segment_id like segment_destinations.segment_id
    group by segment_destinations.destination_key, segments.segment_id, segments.family
),

candidates as (
    select
        routed.destination_key,
        memberships.segment_id,
        routed.family,
        memberships.customer_id,
        routed.bid_modifier,
        destinations.min_audience_size,
        destinations.required_consent
    from routed
    inner join destinations on routed.destination_key = destinations.destination_key
    inner join memberships on routed.segment_id = memberships.segment_id
),

suppressed as (
    -- The one place where suppressions act.
    select candidates.destination_key, candidates.segment_id, candidates.customer_id
    from candidates
    inner join suppressions
        on
            candidates.customer_id = suppressions.customer_id
            and suppressions.scope_key = case suppressions.scope_type
                when 'everything' then 'all'
                when 'purpose' then candidates.required_consent
                when 'family' then candidates.family
                when 'destination' then candidates.destination_key
            end
    group by candidates.destination_key, candidates.segment_id, candidates.customer_id
),

final as (
    select
        candidates.destination_key,
        candidates.segment_id,
        candidates.customer_id,
        candidates.bid_modifier,
        candidates.min_audience_size,
        consents.customer_id is not null as has_consent,
        suppressed.customer_id is not null as is_suppressed,
        coalesce(held_out.customer_id, held_out_of_segments.customer_id) is not null as is_held_out,
        control_members.customer_id is not null as is_control
    from candidates
    left join consents
        on
            candidates.customer_id = consents.customer_id
            and candidates.required_consent = consents.purpose
    left join suppressed
        on
            candidates.destination_key = suppressed.destination_key
            and candidates.segment_id = suppressed.segment_id
            and candidates.customer_id = suppressed.customer_id
    left join held_out on candidates.customer_id = held_out.customer_id
    left join held_out_of_segments
        on
            candidates.customer_id = held_out_of_segments.customer_id
            and candidates.segment_id = held_out_of_segments.segment_id
    left join control_members
        on
            candidates.segment_id = control_members.segment_id
            and candidates.customer_id = control_members.customer_id
)

select * from final
