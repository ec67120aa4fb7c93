with

events as (select * from {{ ref('stg_web__events') }}),

page_types as (select * from {{ ref('page_types') }}),

urls as (
    -- Patterns are matched once per address, not once per event.
    select distinct page_url
    from events
    where page_url is not null
),

matched as (
    select
        urls.page_url,
        page_types.page_type,
        page_types.content_type,
        page_types.content_series,
        row_number() over (
            partition by urls.page_url
            order by page_types.priority, page_types.url_pattern
        ) as pattern_rank
    from urls
    inner join page_types on lower(urls.page_url) like page_types.url_pattern
),

final as (
    select
        page_url,
        page_type,
        content_type,
        content_series
    from matched
    where pattern_rank = 1
)

select * from final
