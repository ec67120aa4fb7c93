with

activity as (select * from {{ ref('int_identifier_activity_daily') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

daily_counts as (
    select
        identifier_id,
        activity_date,
        sum(event_count) as event_count
    from activity
    group by identifier_id, activity_date
),

final as (
    select
        identity_map.customer_id,
        max(daily_counts.event_count) as peak_daily_event_count
    from daily_counts
    inner join identity_map on daily_counts.identifier_id = identity_map.identifier_id
    where daily_counts.event_count >= {{ var('bot_events_per_day') }}
    group by identity_map.customer_id
)

select * from final
