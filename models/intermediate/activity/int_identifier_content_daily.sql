{{ config(
    materialized='by_day', meta={'day_column': 'activity_date', 'rows_per_step': 8000000}
) }}

with

events as (select * from {{ ref('stg_web__events') }}),

event_types as (select * from {{ ref('event_types') }}),

pages as (select * from {{ ref('int_pages_daily') }}),

final as (
    select
        events.identifier_id,
        events.event_date as activity_date,
        coalesce(pages.content_type, 'other') as content_type,
        count(*) filter (where event_types.engagement_type = 'content_view') as view_count,
        count(*) filter (where event_types.engagement_type = 'content_complete')
            as completion_count,
        count(*) filter (where event_types.engagement_type = 'content_download')
            as download_count,
        count(*) as interaction_count,
        max(events.occurred_at) as last_interaction_at
    from events
    inner join event_types on events.event_name = event_types.event_name
    left join pages
        on events.event_date = pages.activity_date and events.page_url = pages.page_url
    where
        event_types.engagement_type in ('content_view', 'content_complete', 'content_download')
        and {{ in_days('events.event_date') }}
    group by
        events.identifier_id,
        events.event_date,
        coalesce(pages.content_type, 'other')
)

select * from final
