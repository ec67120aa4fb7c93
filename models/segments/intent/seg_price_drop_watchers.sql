with

price_drops as (select * from {{ ref('int_customer_price_drops') }})

select
    customer_id,
    lookback_days,
    category as variant,
    max(last_looked_at) as qualified_at,
    max(drop_share) as score
from price_drops
where drop_share >= 0.1
group by customer_id, lookback_days, category
