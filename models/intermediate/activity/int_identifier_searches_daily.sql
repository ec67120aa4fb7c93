{{ config(
    materialized='by_day', meta={'day_column': 'activity_date', 'rows_per_step': 8000000}
) }}

with

events as (select * from {{ ref('stg_web__events') }}),

event_types as (select * from {{ ref('event_types') }}),

search_terms as (select * from {{ ref('search_terms') }}),

searches as (
    select
        events.identifier_id,
        events.event_date as activity_date,
        events.occurred_at,
        lower(events.search_query) as search_query
    from events
    inner join event_types on events.event_name = event_types.event_name
    where event_types.engagement_type = 'search' and {{ in_days('events.event_date') }}
),

queries as (
    -- Patterns are matched once per query and day, not once per search.
    select distinct
        activity_date,
        search_query
    from searches
    where search_query is not null
),

matched as (
    select
        queries.activity_date,
        queries.search_query,
        search_terms.category,
        row_number() over (
            partition by queries.activity_date, queries.search_query
            order by search_terms.priority, search_terms.query_pattern
        ) as pattern_rank
    from queries
    inner join search_terms on queries.search_query like search_terms.query_pattern
),

final as (
    select
        searches.identifier_id,
        searches.activity_date,
        coalesce(matched.category, 'other') as category,
        count(*) as search_count,
        max(searches.occurred_at) as last_searched_at
    from searches
    left join matched
        on
            searches.activity_date = matched.activity_date
            and searches.search_query = matched.search_query
            and matched.pattern_rank = 1
    group by
        searches.identifier_id,
        searches.activity_date,
        coalesce(matched.category, 'other')
)

select * from final
