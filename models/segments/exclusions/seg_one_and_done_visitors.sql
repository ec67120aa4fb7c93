with

features as (select * from {{ ref('int_customer_features') }})

select
    customer_id,
    lookback_days,
    cast(null as {{ dbt.type_string() }}) as variant,
    last_event_at as qualified_at,
    ad_clicks as score
from features
where
    not was_known_before_window
    and session_count = 1
    and event_count - ad_clicks <= 1
    and order_count = 0
