with

search_interests as (select * from {{ ref('int_customer_search_interests') }})

select
    customer_id,
    lookback_days,
    category as variant,
    last_searched_at as qualified_at,
    search_count as score
from search_interests
where category <> 'other'
