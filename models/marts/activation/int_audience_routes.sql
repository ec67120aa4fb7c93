{{ config(access='private', schema='intermediate') }}

with

segments as (
    select
        *,
        {{ as_words("family || '-' || coalesce(variant, '')") }} as words
    from {{ ref('segments') }}
    where kind = 'audience'
),

segment_destinations as (select * from {{ ref('segment_destinations') }}),

destinations as (select * from {{ ref('destinations') }}),

sensitive_topics as (
    select
        *,
        {{ as_words('topic') }} as words
    from {{ ref('sensitive_topics') }}
),

sensitivities as (
    select
        segments.segment_id,
        min(sensitive_topics.sensitivity) as sensitivity
    from segments
    inner join sensitive_topics
        on {{ dbt.position('sensitive_topics.words', 'segments.words') }} > 0
    group by segments.segment_id
),

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

final as (
    select
        routed.destination_key,
        routed.segment_id,
        routed.family,
        destinations.platform,
        destinations.required_consent,
        destinations.min_audience_size,
        routed.bid_modifier,
        case
            when
                destinations.platform in ('google', 'meta')
                or destinations.required_consent = 'ad_personalisation'
                then sensitivities.sensitivity
        end as barred_sensitivity
    from routed
    inner join destinations on routed.destination_key = destinations.destination_key
    left join sensitivities on routed.segment_id = sensitivities.segment_id
)

select * from final
