with

interests as (select * from {{ ref('int_customer_category_interests') }}),

category_purchases as (select * from {{ ref('int_customer_category_purchases') }})

select
    interests.customer_id,
    interests.lookback_days,
    interests.category as variant,
    category_purchases.last_ordered_at as qualified_at,
    interests.order_count as score
from interests
inner join category_purchases
    on
        interests.customer_id = category_purchases.customer_id
        and interests.category = category_purchases.category
where interests.order_count >= 1
