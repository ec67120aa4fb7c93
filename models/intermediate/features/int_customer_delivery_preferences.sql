with

active_hours as (select * from {{ ref('int_identifier_active_hours') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

longest_window as (
    select
        min(starts_on) as starts_on,
        max(ends_before) as ends_before
    from {{ ref('int_lookback_windows') }}
    where window_use = 'activity'
),

in_window as (
    -- 1 January 1900 was a Monday.
    select
        identity_map.customer_id,
        active_hours.activity_date,
        active_hours.hour_of_day,
        {{ dbt.datediff("cast('1900-01-01' as date)", 'active_hours.activity_date', 'day') }}
            as days_since_a_monday,
        active_hours.device_type,
        active_hours.event_count
    from active_hours
    inner join identity_map on active_hours.identifier_id = identity_map.identifier_id
    cross join longest_window
    where
        active_hours.activity_date >= longest_window.starts_on
        and active_hours.activity_date < longest_window.ends_before
),

hours as (
    select
        customer_id,
        hour_of_day,
        count(distinct activity_date) as day_count,
        row_number() over (
            partition by customer_id
            order by sum(event_count) desc, hour_of_day
        ) as hour_rank
    from in_window
    group by customer_id, hour_of_day
),

weekdays as (
    select
        customer_id,
        cast(mod(days_since_a_monday, 7) + 1 as integer) as weekday,
        count(distinct activity_date) as day_count,
        row_number() over (
            partition by customer_id
            order by sum(event_count) desc, mod(days_since_a_monday, 7)
        ) as weekday_rank
    from in_window
    group by customer_id, mod(days_since_a_monday, 7)
),

devices as (
    select
        customer_id,
        device_type,
        count(distinct activity_date) as day_count,
        row_number() over (
            partition by customer_id
            order by sum(event_count) desc, device_type
        ) as device_rank
    from in_window
    group by customer_id, device_type
),

final as (
    select
        hours.customer_id,
        hours.hour_of_day as preferred_hour,
        hours.day_count as preferred_hour_day_count,
        weekdays.weekday as preferred_weekday,
        weekdays.day_count as preferred_weekday_day_count,
        devices.device_type as preferred_device,
        devices.day_count as preferred_device_day_count
    from hours
    inner join weekdays on hours.customer_id = weekdays.customer_id
    inner join devices on hours.customer_id = devices.customer_id
    where hours.hour_rank = 1 and weekdays.weekday_rank = 1 and devices.device_rank = 1
)

select * from final
