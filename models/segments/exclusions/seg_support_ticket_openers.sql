with

features as (select * from {{ ref('int_customer_features') }})

select
    customer_id,
    lookback_days,
    cast(null as {{ dbt.type_string() }}) as variant,
    last_support_ticket_at as qualified_at,
    support_tickets as score
from features
where support_tickets >= 1
