{{ config(
    materialized='by_day', meta={'day_column': 'activity_date', 'rows_per_step': 8000000}
) }}

with

events as (select * from {{ ref('stg_web__events') }}),

slots as (
    -- Events of one slot are less than session_minutes apart: only slots need to be put in order.
    select
        identifier_id,
        event_date as activity_date,
        floor(
            (extract(hour from occurred_at) * 60 + extract(minute from occurred_at))
            / cast({{ var('session_minutes') }} as double)
        ) as slot_of_day,
        min(occurred_at) as first_event_at,
        max(occurred_at) as last_event_at
    from events
    where {{ in_days('event_date') }}
    group by
        identifier_id,
        event_date,
        floor(
            (extract(hour from occurred_at) * 60 + extract(minute from occurred_at))
            / cast({{ var('session_minutes') }} as double)
        )
),

followed as (
    select
        *,
        lag(last_event_at) over (
            partition by identifier_id, activity_date
            order by slot_of_day
        ) as previous_event_at
    from slots
),

final as (
    -- What the day before ended with is not known here: the first event of a day is a start.
    select
        identifier_id,
        activity_date,
        count(*) filter (
            where
            previous_event_at is null
            or first_event_at > {{ session_end('previous_event_at') }}
        ) as session_count,
        min(first_event_at) as first_event_at,
        max(last_event_at) as last_event_at
    from followed
    group by identifier_id, activity_date
)

select * from final
