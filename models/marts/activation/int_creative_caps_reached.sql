{{ config(access='private', schema='intermediate') }}

with

creatives as (
    -- distinct, because a creative stands in a row for each of its segments
    select distinct creative_key, frequency_cap, frequency_window_days
    from {{ ref('segment_creatives') }}
    where frequency_cap is not null
),

touches as (
    -- What was shown or sent; a would-be impression was neither.
    select * from {{ ref('int_identifier_touches_daily') }}
    where touch_type in ('impression', 'send') and touch_date < {{ as_of() }}
),

identity_map as (select * from {{ ref('int_identity_map') }}),

people as (select * from {{ ref('int_identity_people') }}),

capped as (
    select creatives.creative_key, people.person_id
    from creatives
    inner join touches
        on
            creatives.creative_key = touches.creative_key
            and cast(touches.touch_date as timestamp)
            >= {{ dbt.dateadd('day', '-creatives.frequency_window_days', as_of()) }}
    inner join identity_map on touches.identifier_id = identity_map.identifier_id
    inner join people on identity_map.customer_id = people.customer_id
    group by creatives.creative_key, people.person_id, creatives.frequency_cap
    having sum(touches.touch_count) >= creatives.frequency_cap
),

final as (
    select capped.creative_key, people.customer_id
    from capped
    inner join people on capped.person_id = people.person_id
)

select * from final
