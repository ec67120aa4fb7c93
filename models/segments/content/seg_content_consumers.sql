with

content_interests as (select * from {{ ref('int_customer_content_interests') }})

select
    customer_id,
    lookback_days,
    content_type as variant,
    last_interaction_at as qualified_at,
    interaction_count as score
from content_interests
where interaction_count >= 2
