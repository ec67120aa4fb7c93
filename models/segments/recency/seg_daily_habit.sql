with

features as (select * from {{ ref('int_customer_features') }})

select
    customer_id,
    lookback_days,
    cast(null as {{ dbt.type_string() }}) as variant,
    last_event_at as qualified_at,
    active_days as score
from features
where active_days * 7 >= lookback_days * 5
