with

features as (select * from {{ ref('int_customer_features') }})

select
    customer_id,
    lookback_days,
    cast(null as {{ dbt.type_string() }}) as variant,
    last_ad_click_at as qualified_at,
    ad_clicks as score
from features
where ad_clicks >= 1
