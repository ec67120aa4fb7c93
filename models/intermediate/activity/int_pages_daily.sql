{{ config(
    materialized='by_day', meta={'day_column': 'activity_date', 'rows_per_step': 8000000}
) }}

with

events as (select * from {{ ref('stg_web__events') }}),

page_types as (select * from {{ ref('page_types') }}),

series_parts as (select * from {{ ref('content_series_parts') }}),

urls as (
    -- Patterns are matched once per address and day, not once per event.
    select distinct
        event_date as activity_date,
        page_url
    from events
    where page_url is not null and {{ in_days('event_date') }}
),

matched as (
    select
        urls.activity_date,
        urls.page_url,
        page_types.page_type,
        page_types.content_type,
        page_types.content_topic,
        page_types.content_series,
        row_number() over (
            partition by urls.activity_date, urls.page_url
            order by page_types.priority, page_types.url_pattern
        ) as pattern_rank
    from urls
    inner join page_types on lower(urls.page_url) like page_types.url_pattern
),

pages as (
    select * from matched
    where pattern_rank = 1
),

parts as (
    -- Of several patterns the longest is the most precise: part-10 is not part-1.
    select
        pages.activity_date,
        pages.page_url,
        series_parts.part_number,
        row_number() over (
            partition by pages.activity_date, pages.page_url
            order by length(series_parts.url_pattern) desc, series_parts.part_number
        ) as pattern_rank
    from pages
    inner join series_parts
        on
            pages.content_series = series_parts.content_series
            and lower(pages.page_url) like series_parts.url_pattern
),

final as (
    select
        pages.activity_date,
        pages.page_url,
        pages.page_type,
        pages.content_type,
        pages.content_topic,
        pages.content_series,
        parts.part_number
    from pages
    left join parts
        on
            pages.activity_date = parts.activity_date
            and pages.page_url = parts.page_url
            and parts.pattern_rank = 1
)

select * from final
