-- Progress in a series counts its parts from 1: a number that is left out would end it for everyone.
with series_parts as (
    select * from {{ ref('content_series_parts') }}
),

page_types as (
    select * from {{ ref('page_types') }}
),

series as (
    select
        content_series,
        count(distinct part_number) as part_count,
        min(part_number) as first_part,
        max(part_number) as last_part
    from series_parts
    group by content_series
),

final as (
    select
        'series ' || content_series || ' has ' || cast(part_count as string)
        || ' parts in seeds/content_series_parts.csv, numbered ' || cast(first_part as string)
        || ' to ' || cast(last_part as string)
        || '; they must be numbered from 1 and none left out' as problem
    from series
    where first_part <> 1 or last_part <> part_count

    union all

    select
        'series ' || series.content_series || ' has parts in seeds/content_series_parts.csv, but no'
        || ' page in seeds/page_types.csv belongs to it' as problem
    from series
    left join page_types on series.content_series = page_types.content_series
    where page_types.content_series is null
)

select * from final
