with

features as (select * from {{ ref('int_customer_features') }}),

profiles as (select * from {{ ref('int_customer_profiles') }})

select
    features.customer_id,
    features.lookback_days,
    cast(null as {{ dbt.type_string() }}) as variant,
    profiles.last_seen_at as qualified_at,
    profiles.revenue_amount as score
from features
inner join profiles on features.customer_id = profiles.customer_id
where
    profiles.is_known
    and features.was_known_before_window
    and features.interaction_count = 0
    and features.order_count = 0
