with

features as (select * from {{ ref('int_customer_features') }})

select
    customer_id,
    lookback_days,
    cast(null as {{ dbt.type_string() }}) as variant,
    last_checkout_start_at as qualified_at,
    checkout_starts as score
from features
where checkout_starts >= 1
