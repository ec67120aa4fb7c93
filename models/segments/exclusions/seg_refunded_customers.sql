with

purchases as (select * from {{ ref('int_customer_purchases_by_lookback') }})

select
    customer_id,
    lookback_days,
    cast(null as {{ dbt.type_string() }}) as variant,
    last_returned_ordered_at as qualified_at,
    returned_amount as score
from purchases
where returned_order_count >= 1
