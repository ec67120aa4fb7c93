with

features as (select * from {{ ref('int_customer_features') }}),

profiles as (select * from {{ ref('int_customer_profiles') }})

select
    features.customer_id,
    features.lookback_days,
    cast(null as {{ dbt.type_string() }}) as variant,
    features.last_intent_at as qualified_at,
    features.engagement_score as score
from features
inner join profiles on features.customer_id = profiles.customer_id
where
    not features.was_known_before_window
    and features.last_intent_at < {{ dbt.dateadd('day', 7, 'profiles.first_seen_at') }}
