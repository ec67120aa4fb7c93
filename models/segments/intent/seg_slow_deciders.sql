with

features as (select * from {{ ref('int_customer_features') }})

select
    customer_id,
    lookback_days,
    cast(null as {{ dbt.type_string() }}) as variant,
    last_intent_at as qualified_at,
    engagement_score as score
from features
where last_intent_at >= {{ dbt.dateadd('day', 8, 'first_intent_at') }}
