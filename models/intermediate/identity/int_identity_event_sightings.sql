{{ config(
    materialized='by_day', meta={'day_column': 'sighting_date', 'rows_per_step': 8000000}
) }}

with

events as (select * from {{ ref('stg_web__events') }}),

final as (
    select
        event_date as sighting_date,
        anonymous_id,
        user_id,
        min(occurred_at) as first_seen_at,
        max(occurred_at) as last_seen_at,
        count(*) as sighting_count,
        sum(unusable_id_count) as unusable_id_count
    from events
    where {{ in_days('event_date') }}
    group by event_date, anonymous_id, user_id
)

select * from final
