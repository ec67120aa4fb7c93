with

content_activity as (
    select * from {{ ref('int_identifier_content_daily') }}
    where part_number is not null and activity_date < {{ as_of() }}
),

series_parts as (select * from {{ ref('content_series_parts') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

windows as (
    select * from {{ ref('int_lookback_windows') }}
    where window_use = 'activity'
),

series as (
    select
        content_series,
        cast(count(distinct part_number) as bigint) as part_count
    from series_parts
    group by content_series
),

seen_parts as (
    select
        identity_map.customer_id,
        content_activity.content_series,
        content_activity.part_number,
        sum(content_activity.completion_count) > 0 as is_completed,
        min(content_activity.first_interaction_at) as first_seen_at,
        max(content_activity.last_interaction_at) as last_seen_at
    from content_activity
    inner join identity_map on content_activity.identifier_id = identity_map.identifier_id
    group by
        identity_map.customer_id,
        content_activity.content_series,
        content_activity.part_number
),

compared as (
    select
        *,
        row_number() over (
            partition by customer_id, content_series
            order by part_number
        ) as place,
        max(first_seen_at) over (
            partition by customer_id, content_series
            order by part_number
            rows between unbounded preceding and 1 preceding
        ) as earlier_parts_seen_at
    from seen_parts
),

judged as (
    -- Out of order: a part before it was left out, or was seen for the first time after it.
    select
        *,
        place <> part_number
        or coalesce(first_seen_at < earlier_parts_seen_at, false) as is_out_of_order
    from compared
),

progress as (
    select
        customer_id,
        content_series,
        count(*) as seen_count,
        count(*) filter (where is_completed) as completed_count,
        coalesce(min(place) filter (where is_out_of_order) - 1, count(*)) as furthest_part,
        max(first_seen_at) as furthest_seen_at,
        max(last_seen_at) as last_at
    from judged
    group by customer_id, content_series
),

final as (
    -- Progress counts from the beginning; a window says in which of them the customer went on.
    select
        progress.customer_id,
        windows.lookback_days,
        progress.content_series,
        series.part_count,
        progress.seen_count,
        progress.completed_count,
        progress.furthest_part,
        progress.furthest_part = series.part_count as is_complete,
        case when progress.furthest_part = series.part_count then progress.furthest_seen_at end
            as completed_at,
        progress.furthest_part = series.part_count
        and progress.furthest_seen_at >= windows.starts_at as was_completed_in_window,
        progress.last_at
    from progress
    inner join series on progress.content_series = series.content_series
    inner join windows
        on progress.last_at >= windows.starts_at and progress.last_at < windows.ends_at
)

select * from final
