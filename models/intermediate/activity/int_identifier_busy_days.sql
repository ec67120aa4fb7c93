{{ config(
    materialized='by_day', meta={'day_column': 'activity_date', 'rows_per_step': 8000000}
) }}

with

activity as (select * from {{ ref('int_identifier_activity_daily') }}),

final as (
    select
        identifier_id,
        activity_date,
        sum(event_count) as event_count
    from activity
    where {{ in_days('activity_date') }}
    group by identifier_id, activity_date
    having sum(event_count) >= {{ var('bot_events_per_day') }}
)

select * from final
