with

interests as (select * from {{ ref('int_customer_category_interests') }})

select
    customer_id,
    lookback_days,
    category as variant,
    last_active_at as qualified_at,
    interest_score as score
from interests
where cart_add_count >= 1 and order_count = 0
