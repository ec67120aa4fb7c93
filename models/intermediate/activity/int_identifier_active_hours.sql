{{ config(
    materialized='by_day', meta={'day_column': 'activity_date', 'rows_per_step': 8000000}
) }}

with

events as (select * from {{ ref('stg_web__events') }}),

final as (
    select
        identifier_id,
        event_date as activity_date,
        cast(extract(hour from occurred_at) as integer) as hour_of_day,
        device_type,
        count(*) as event_count
    from events
    where {{ in_days('event_date') }}
    group by
        identifier_id,
        event_date,
        cast(extract(hour from occurred_at) as integer),
        device_type
)

select * from final
