with

content_interests as (select * from {{ ref('int_customer_content_interests') }})

select
    customer_id,
    lookback_days,
    content_type as variant,
    last_unfinished_view_at as qualified_at,
    unfinished_count as score
from content_interests
where unfinished_count >= 1
