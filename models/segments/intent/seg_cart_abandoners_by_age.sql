with

open_carts as (select * from {{ ref('int_customer_open_carts') }})

select
    customer_id,
    cast(null as integer) as lookback_days,
    age_band || '-' || main_category || '-' || value_band as variant,
    last_added_at as qualified_at,
    cart_amount as score
from open_carts
where age_band is not null
