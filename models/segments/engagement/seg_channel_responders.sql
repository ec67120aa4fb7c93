with

responses as (select * from {{ ref('int_customer_campaign_responses') }})

select
    customer_id,
    lookback_days,
    channel || '-' || campaign_type as variant,
    last_responded_at as qualified_at,
    engagement_rate as score
from responses
where responded_count >= 1 and engagement_rate > average_rate
