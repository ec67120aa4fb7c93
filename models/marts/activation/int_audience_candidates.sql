{{ config(access='private', schema='intermediate') }}

with

memberships as (select * from {{ ref('segment_memberships') }}),

segments as (
    select * from {{ ref('segments') }}
    where kind = 'audience'
),

segment_destinations as (select * from {{ ref('segment_destinations') }}),

destinations as (select * from {{ ref('destinations') }}),

profiles as (select * from {{ ref('int_customer_profiles') }}),

held_out as (select * from {{ ref('int_held_out_customers') }}),

control_members as (select * from {{ ref('int_control_members') }}),

routed as (
    -- A segment that two patterns send to one destination goes there once, at the higher bid.
    select
        segment_destinations.destination_key,
        segments.segment_id,
        max(segment_destinations.bid_modifier) as bid_modifier
    from segments
    inner join segment_destinations
        on segments.segment_id like segment_destinations.segment_id
    group by segment_destinations.destination_key, segments.segment_id
),

final as (
    select
        destinations.destination_key,
        memberships.segment_id,
        memberships.customer_id,
        routed.bid_modifier,
        destinations.min_audience_size,
        case destinations.required_consent
            when 'email_marketing' then profiles.has_email_consent
            when 'ad_personalisation' then profiles.has_ad_consent
            else false
        end as has_consent,
        held_out.customer_id is not null as is_held_out,
        control_members.customer_id is not null as is_control
    from routed
    inner join destinations on routed.destination_key = destinations.destination_key
    inner join memberships on routed.segment_id = memberships.segment_id
    inner join profiles on memberships.customer_id = profiles.customer_id
    left join held_out on memberships.customer_id = held_out.customer_id
    left join control_members
        on
            memberships.segment_id = control_members.segment_id
            and memberships.customer_id = control_members.customer_id
)

select * from final
