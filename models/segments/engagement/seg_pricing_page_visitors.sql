with

features as (select * from {{ ref('int_customer_features') }})

select
    customer_id,
    lookback_days,
    cast(null as {{ dbt.type_string() }}) as variant,
    last_pricing_page_view_at as qualified_at,
    pricing_page_views as score
from features
where pricing_page_views >= 1
