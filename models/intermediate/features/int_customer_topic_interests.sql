with

content_activity as (
    select * from {{ ref('int_identifier_content_daily') }}
    where content_topic is not null
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
        content_activity.content_topic,
        cast(sum(content_activity.interaction_count) as bigint) as interaction_count,
        max(content_activity.last_interaction_at) as last_interaction_at
    from content_activity
    inner join identity_map on content_activity.identifier_id = identity_map.identifier_id
    inner join windows
        on
            content_activity.activity_date >= windows.starts_on
            and content_activity.activity_date < windows.ends_before
    group by identity_map.customer_id, windows.lookback_days, content_activity.content_topic
),

final as (
    select
        *,
        row_number() over (
            partition by customer_id, lookback_days
            order by interaction_count desc, content_topic
        ) as interest_rank
    from interests
)

select * from final
