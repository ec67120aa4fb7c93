{{ config(
    materialized='by_day', meta={'day_column': 'activity_date', 'rows_per_step': 8000000}
) }}

with

events as (select * from {{ ref('stg_web__events') }}),

page_types as (select * from {{ ref('page_types') }}),

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
        page_types.content_series,
        row_number() over (
            partition by urls.activity_date, urls.page_url
            order by page_types.priority, page_types.url_pattern
        ) as pattern_rank
    from urls
    inner join page_types on lower(urls.page_url) like page_types.url_pattern
),

final as (
    select
        activity_date,
        page_url,
        page_type,
        content_type,
        content_series
    from matched
    where pattern_rank = 1
)

select * from final
