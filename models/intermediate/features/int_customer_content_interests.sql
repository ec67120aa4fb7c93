with

content_activity as (select * from {{ ref('int_identifier_content_daily') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

windows as (
    select * from {{ ref('int_lookback_windows') }}
    where window_use = 'activity'
),

items as (
    select
        identity_map.customer_id,
        windows.lookback_days,
        content_activity.content_type,
        content_activity.content_item,
        sum(content_activity.view_count) as view_count,
        sum(content_activity.completion_count) as completion_count,
        sum(content_activity.download_count) as download_count,
        sum(content_activity.interaction_count) as interaction_count,
        max(content_activity.last_interaction_at) as last_interaction_at,
        max(content_activity.last_view_at) as last_view_at,
        max(content_activity.last_download_at) as last_download_at,
        sum(content_activity.completion_count + content_activity.download_count) = 0
            as is_unfinished
    from content_activity
    inner join identity_map on content_activity.identifier_id = identity_map.identifier_id
    inner join windows
        on
            content_activity.activity_date >= windows.starts_on
            and content_activity.activity_date < windows.ends_before
    group by
        identity_map.customer_id,
        windows.lookback_days,
        content_activity.content_type,
        content_activity.content_item
),

interests as (
    select
        customer_id,
        lookback_days,
        content_type,
        sum(view_count) as view_count,
        sum(completion_count) as completion_count,
        sum(download_count) as download_count,
        sum(interaction_count) as interaction_count,
        count(*) filter (where is_unfinished) as unfinished_count,
        max(last_interaction_at) as last_interaction_at,
        max(last_download_at) as last_download_at,
        max(last_view_at) filter (where is_unfinished) as last_unfinished_view_at
    from items
    group by customer_id, lookback_days, content_type
),

final as (
    select
        *,
        row_number() over (
            partition by customer_id, lookback_days
            order by interaction_count desc, content_type
        ) as interest_rank
    from interests
)

select * from final
