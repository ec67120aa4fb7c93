{{ config(access='private', schema='intermediate') }}

with

creatives as (
    -- distinct, because a creative stands in a row for each of its segments
    select distinct creative_key, frequency_cap, frequency_window_days
    from {{ ref('segment_creatives') }}
    where frequency_cap is not null
),

deliveries as (select * from {{ ref('int_person_deliveries_daily') }}),

people as (select * from {{ ref('int_identity_people') }}),

capped as (
    select creatives.creative_key, deliveries.person_id
    from creatives
    inner join deliveries
        on
            creatives.creative_key = deliveries.creative_key
            and cast(deliveries.touch_date as timestamp)
            >= {{ dbt.dateadd('day', '-creatives.frequency_window_days', as_of()) }}
    group by creatives.creative_key, deliveries.person_id, creatives.frequency_cap
    having sum(deliveries.touch_count) >= creatives.frequency_cap
),

final as (
    select capped.creative_key, people.customer_id
    from capped
    inner join people on capped.person_id = people.person_id
)

select * from final
