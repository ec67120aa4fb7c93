with

interests as (select * from {{ ref('int_customer_category_interests') }}),

category_purchases as (select * from {{ ref('int_customer_category_purchases') }}),

last_bought as (
    select
        customer_id,
        category,
        row_number() over (
            partition by customer_id
            order by last_ordered_at desc, order_count desc, category
        ) as category_rank
    from category_purchases
)

select
    interests.customer_id,
    interests.lookback_days,
    last_bought.category || '-to-' || interests.category as variant,
    interests.last_active_at as qualified_at,
    interests.interest_score as score
from interests
inner join last_bought
    on interests.customer_id = last_bought.customer_id and last_bought.category_rank = 1
left join category_purchases
    on
        interests.customer_id = category_purchases.customer_id
        and interests.category = category_purchases.category
where
    category_purchases.customer_id is null
    and interests.view_count + interests.cart_add_count >= 2
