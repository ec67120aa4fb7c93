with

active_hours as (select * from {{ ref('int_identifier_active_hours') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

longest_window as (
    select max(lookback_days) as lookback_days
    from {{ ref('int_lookback_windows') }}
    where window_use = 'activity'
),

windows as (
    select * from {{ ref('int_lookback_windows') }}
    where window_use = 'activity'
),

in_window as (
    select
        identity_map.customer_id,
        active_hours.hour_of_day,
        active_hours.device_type,
        active_hours.event_count
    from active_hours
    inner join identity_map on active_hours.identifier_id = identity_map.identifier_id
    inner join windows
        on
            active_hours.activity_date >= windows.starts_on
            and active_hours.activity_date < windows.ends_before
    inner join longest_window on windows.lookback_days = longest_window.lookback_days
),

hours as (
    select
        customer_id,
        hour_of_day,
        sum(event_count) as event_count,
        row_number() over (
            partition by customer_id
            order by sum(event_count) desc, hour_of_day
        ) as hour_rank
    from in_window
    group by customer_id, hour_of_day
),

devices as (
    select
        customer_id,
        device_type,
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
        hours.event_count as preferred_hour_event_count,
        devices.device_type as preferred_device
    from hours
    inner join devices on hours.customer_id = devices.customer_id
    where hours.hour_rank = 1 and devices.device_rank = 1
)

select * from final
