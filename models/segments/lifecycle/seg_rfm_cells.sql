with

purchases as (select * from {{ ref('int_customer_purchases') }})

select
    customer_id,
    cast(null as integer) as lookback_days,
    rfm_cell as variant,
    last_ordered_at as qualified_at,
    revenue_amount as score
from purchases
where rfm_cell is not null
