with

features as (select * from {{ ref('int_customer_features') }})

select
    customer_id,
    lookback_days,
    cast(null as {{ dbt.type_string() }}) as variant,
    last_cart_add_at as qualified_at,
    cart_adds as score
from features
where cart_adds >= 1
