with

features as (select * from {{ ref('int_customer_features') }})

select
    customer_id,
    lookback_days,
    cast(null as {{ dbt.type_string() }}) as variant,
    last_event_at as qualified_at,
    event_count as score
from features
where not was_known_before_window and event_count >= 1
