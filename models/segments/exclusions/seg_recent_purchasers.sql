with

profiles as (select * from {{ ref('int_customer_profiles') }})

select
    customer_id,
    cast(null as integer) as lookback_days,
    cast(null as {{ dbt.type_string() }}) as variant,
    last_ordered_at as qualified_at,
    revenue_amount as score
from profiles
where
    last_ordered_at >= {{ dbt.dateadd('day', -var('recent_purchase_days'), as_of()) }}
