{{ config(access='private', schema='intermediate') }}

with

destinations as (
    select * from {{ ref('destinations') }}
    where frequency_cap is not null
),

campaigns as (select * from {{ ref('stg_ads__campaigns') }}),

deliveries as (select * from {{ ref('int_person_deliveries_daily') }}),

final as (
    -- Deliveries are known by the day, which is exact: the window begins and ends at a midnight.
    select
        destinations.destination_key,
        deliveries.person_id,
        sum(deliveries.touch_count) as touch_count,
        max(deliveries.last_touched_at) as last_touched_at
    from destinations
    inner join campaigns on destinations.campaign_platform = campaigns.platform
    inner join deliveries
        on
            campaigns.campaign_id = deliveries.campaign_id
            and cast(deliveries.touch_date as timestamp)
            >= {{ dbt.dateadd('day', '-destinations.frequency_window_days', as_of()) }}
    group by destinations.destination_key, deliveries.person_id, destinations.frequency_cap
    having sum(deliveries.touch_count) >= destinations.frequency_cap
)

select * from final
