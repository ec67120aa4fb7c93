with

series_progress as (select * from {{ ref('int_customer_series_progress') }})

select
    customer_id,
    lookback_days,
    content_series as variant,
    last_at as qualified_at,
    furthest_part as score
from series_progress
where furthest_part >= 2 and not is_complete
