with

profiles as (select * from {{ ref('int_customer_profiles') }})

select
    customer_id,
    cast(null as integer) as lookback_days,
    case when order_count = 1 then 'one_order' else 'several_orders' end as variant,
    first_ordered_at as qualified_at,
    revenue_amount as score
from profiles
where lifecycle_stage = 'new'
