with

topic_interests as (select * from {{ ref('int_customer_topic_interests') }})

select
    customer_id,
    lookback_days,
    content_topic as variant,
    last_interaction_at as qualified_at,
    interaction_count as score
from topic_interests
where interaction_count >= 2
