with

responses as (select * from {{ ref('int_customer_campaign_responses') }})

select
    customer_id,
    lookback_days,
    case when sum(click_count) > 0 then 'clicked' else 'opened' end as variant,
    max(last_responded_at) as qualified_at,
    sum(open_count + click_count) as score
from responses
where channel = 'email' and open_count + click_count >= 1
group by customer_id, lookback_days
