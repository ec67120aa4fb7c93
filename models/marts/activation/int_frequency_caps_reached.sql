{{ config(access='private', schema='intermediate') }}

with

destinations as (
    select * from {{ ref('destinations') }}
    where frequency_cap is not null
),

campaigns as (select * from {{ ref('stg_ads__campaigns') }}),

touches as (
    -- What was shown or sent; a would-be impression was neither.
    select * from {{ ref('int_identifier_touches_daily') }}
    where touch_type in ('impression', 'send') and touch_date < {{ as_of() }}
),

identity_map as (select * from {{ ref('int_identity_map') }}),

people as (select * from {{ ref('int_identity_people') }}),

final as (
    -- Touches are known by the day, which is exact: the window begins and ends at a midnight.
    select
        destinations.destination_key,
        people.person_id,
        sum(touches.touch_count) as touch_count,
        max(touches.last_touched_at) as last_touched_at
    from destinations
    inner join campaigns on destinations.campaign_platform = campaigns.platform
    inner join touches
        on
            campaigns.campaign_id = touches.campaign_id
            and cast(touches.touch_date as timestamp)
            >= {{ dbt.dateadd('day', '-destinations.frequency_window_days', as_of()) }}
    inner join identity_map on touches.identifier_id = identity_map.identifier_id
    inner join people on identity_map.customer_id = people.customer_id
    group by destinations.destination_key, people.person_id, destinations.frequency_cap
    having sum(touches.touch_count) >= destinations.frequency_cap
)

select * from final
