with

events as (select * from {{ ref('stg_web__events') }}),

event_types as (select * from {{ ref('event_types') }}),

page_urls as (select * from {{ ref('int_page_urls') }}),

final as (
    select
        events.identifier_id,
        cast(events.occurred_at as date) as activity_date,
        coalesce(page_urls.content_type, 'other') as content_type,
        count(*) filter (where event_types.engagement_type = 'content_view') as view_count,
        count(*) filter (where event_types.engagement_type = 'content_complete')
            as completion_count,
        count(*) filter (where event_types.engagement_type = 'content_download')
            as download_count,
        count(*) as interaction_count,
        max(events.occurred_at) as last_interaction_at
    from events
    inner join event_types on events.event_name = event_types.event_name
    left join page_urls on events.page_url = page_urls.page_url
    where
        event_types.engagement_type in ('content_view', 'content_complete', 'content_download')
        and events.occurred_at < {{ as_of() }}
    group by
        events.identifier_id,
        cast(events.occurred_at as date),
        coalesce(page_urls.content_type, 'other')
)

select * from final
