with

features as (select * from {{ ref('int_customer_features') }})

select
    customer_id,
    lookback_days,
    cast(null as {{ dbt.type_string() }}) as variant,
    last_form_submit_at as qualified_at,
    form_submits as score
from features
where form_submits >= 1
