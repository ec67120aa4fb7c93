with

interests as (select * from {{ ref('int_customer_category_interests') }}),

features as (select * from {{ ref('int_customer_features') }})

select
    interests.customer_id,
    interests.lookback_days,
    interests.category as variant,
    features.last_interaction_at as qualified_at,
    interests.interest_score as score
from interests
inner join features
    on
        interests.customer_id = features.customer_id
        and interests.lookback_days = features.lookback_days
where
    interests.interest_rank = 1
    and interests.interest_share >= 0.5
    and interests.view_count + interests.cart_add_count >= 3
