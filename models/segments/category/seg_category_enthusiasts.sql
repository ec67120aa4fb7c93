with

interests as (select * from {{ ref('int_customer_category_interests') }})

select
    customer_id,
    lookback_days,
    category as variant,
    last_active_at as qualified_at,
    interest_score as score
from interests
where
    interest_rank = 1
    and interest_share >= 0.5
    and view_count + cart_add_count + order_count >= 3
