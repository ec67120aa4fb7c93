with

features as (select * from {{ ref('int_customer_features') }})

select
    customer_id,
    lookback_days,
    cast(null as {{ dbt.type_string() }}) as variant,
    last_product_view_at as qualified_at,
    product_views as score
from features
where product_views >= 3
