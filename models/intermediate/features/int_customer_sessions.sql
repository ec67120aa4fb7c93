with

sessions as (select * from {{ ref('int_identifier_sessions_daily') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

windows as (
    select * from {{ ref('int_lookback_windows') }}
    where window_use = 'activity'
),

bounds as (
    -- The day before the windows says whether a session goes on at their first midnight.
    select
        cast({{ dbt.dateadd('day', -1, 'min(starts_at)') }} as date) as starts_on,
        max(ends_before) as ends_before
    from windows
),

followed as (
    select
        sessions.*,
        lag(sessions.last_event_at) over (
            partition by sessions.identifier_id
            order by sessions.activity_date
        ) as previous_event_at
    from sessions
    cross join bounds
    where
        sessions.activity_date >= bounds.starts_on
        and sessions.activity_date < bounds.ends_before
),

started as (
    -- A session that crosses midnight began the day before, and only there.
    select
        identifier_id,
        activity_date,
        session_count
        - case when first_event_at <= {{ session_end('previous_event_at') }} then 1 else 0 end
            as session_count
    from followed
),

final as (
    select
        identity_map.customer_id,
        windows.lookback_days,
        cast(sum(started.session_count) as bigint) as session_count
    from started
    inner join identity_map on started.identifier_id = identity_map.identifier_id
    inner join windows
        on
            started.activity_date >= windows.starts_on
            and started.activity_date < windows.ends_before
    group by identity_map.customer_id, windows.lookback_days
)

select * from final
