with

series_progress as (select * from {{ ref('int_customer_series_progress') }})

select
    customer_id,
    lookback_days,
    content_series as variant,
    completed_at as qualified_at,
    part_count as score
from series_progress
where was_completed_in_window
