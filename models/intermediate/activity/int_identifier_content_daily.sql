{{ config(
    materialized='by_day', meta={'day_column': 'activity_date', 'rows_per_step': 8000000}
) }}

with

events as (select * from {{ ref('stg_web__events') }}),

event_types as (select * from {{ ref('event_types') }}),

pages as (select * from {{ ref('int_pages_daily') }}),

content_events as (
    select
        events.identifier_id,
        events.event_date as activity_date,
        events.occurred_at,
        event_types.engagement_type,
        -- A site that does not name its content still has an address for each.
        coalesce(events.content_id, events.page_url, 'unknown') as content_item,
        coalesce(pages.content_type, 'other') as content_type,
        pages.content_topic,
        pages.content_series,
        pages.part_number
    from events
    inner join event_types on events.event_name = event_types.event_name
    left join pages
        on events.event_date = pages.activity_date and events.page_url = pages.page_url
    where
        event_types.engagement_type in ('content_view', 'content_complete', 'content_download')
        and {{ in_days('events.event_date') }}
),

final as (
    select
        identifier_id,
        activity_date,
        content_item,
        content_type,
        content_topic,
        content_series,
        part_number,
        count(*) filter (where engagement_type = 'content_view') as view_count,
        count(*) filter (where engagement_type = 'content_complete') as completion_count,
        count(*) filter (where engagement_type = 'content_download') as download_count,
        count(*) as interaction_count,
        min(occurred_at) as first_interaction_at,
        max(occurred_at) as last_interaction_at,
        max(occurred_at) filter (where engagement_type = 'content_view') as last_view_at,
        max(occurred_at) filter (where engagement_type = 'content_download') as last_download_at
    from content_events
    group by
        identifier_id,
        activity_date,
        content_item,
        content_type,
        content_topic,
        content_series,
        part_number
)

select * from final
