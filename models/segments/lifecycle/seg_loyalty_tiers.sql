with

profiles as (select * from {{ ref('int_customer_profiles') }})

select
    customer_id,
    cast(null as integer) as lookback_days,
    loyalty_tier as variant,
    last_ordered_at as qualified_at,
    revenue_amount as score
from profiles
where order_count >= 1
