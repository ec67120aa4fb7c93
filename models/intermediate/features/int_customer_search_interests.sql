with

searches as (select * from {{ ref('int_identifier_searches_daily') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

windows as (
    select * from {{ ref('int_lookback_windows') }}
    where window_use = 'activity'
),

interests as (
    select
        identity_map.customer_id,
        windows.lookback_days,
        searches.category,
        cast(sum(searches.search_count) as bigint) as search_count,
        max(searches.last_searched_at) as last_searched_at
    from searches
    inner join identity_map on searches.identifier_id = identity_map.identifier_id
    inner join windows
        on
            searches.activity_date >= windows.starts_on
            and searches.activity_date < windows.ends_before
    group by identity_map.customer_id, windows.lookback_days, searches.category
),

final as (
    select
        *,
        row_number() over (
            partition by customer_id, lookback_days
            order by search_count desc, category
        ) as interest_rank
    from interests
)

select * from final
