with

activity as (
    select * from {{ ref('int_identifier_activity_daily') }}
    where engagement_type = 'page_view'
),

identity_map as (select * from {{ ref('int_identity_map') }}),

windows as (
    select * from {{ ref('int_lookback_windows') }}
    where window_use = 'activity'
),

interests as (
    select
        identity_map.customer_id,
        windows.lookback_days,
        activity.page_type,
        cast(sum(activity.event_count) as bigint) as view_count,
        max(activity.last_event_at) as last_viewed_at
    from activity
    inner join identity_map on activity.identifier_id = identity_map.identifier_id
    inner join windows
        on
            activity.activity_date >= windows.starts_on
            and activity.activity_date < windows.ends_before
    group by identity_map.customer_id, windows.lookback_days, activity.page_type
),

final as (
    select
        *,
        row_number() over (
            partition by customer_id, lookback_days
            order by view_count desc, page_type
        ) as interest_rank
    from interests
)

select * from final
