{{ config(access='private', schema='intermediate') }}

with

caps as (
    select frequency_window_days from {{ ref('destinations') }}
    where frequency_cap is not null
    union all
    select frequency_window_days from {{ ref('segment_creatives') }}
    where frequency_cap is not null
),

longest_window as (
    select max(frequency_window_days) as days
    from caps
),

touches as (
    -- What was shown or sent; a would-be impression was neither.
    select * from {{ ref('int_identifier_touches_daily') }}
    where touch_type in ('impression', 'send') and touch_date < {{ as_of() }}
),

identity_map as (select * from {{ ref('int_identity_map') }}),

people as (select * from {{ ref('int_identity_people') }}),

final as (
    -- No longer than a cap looks back; without a cap nothing.
    select
        people.person_id,
        touches.campaign_id,
        touches.creative_key,
        touches.touch_date,
        sum(touches.touch_count) as touch_count,
        max(touches.last_touched_at) as last_touched_at
    from touches
    inner join identity_map on touches.identifier_id = identity_map.identifier_id
    inner join people on identity_map.customer_id = people.customer_id
    cross join longest_window
    where
        cast(touches.touch_date as timestamp)
        >= {{ dbt.dateadd('day', '-longest_window.days', as_of()) }}
    group by people.person_id, touches.campaign_id, touches.creative_key, touches.touch_date
)

select * from final
