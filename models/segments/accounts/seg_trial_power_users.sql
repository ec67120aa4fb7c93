with

features as (select * from {{ ref('int_customer_features') }}),

profiles as (select * from {{ ref('int_customer_profiles') }})

select
    features.customer_id,
    features.lookback_days,
    cast(null as {{ dbt.type_string() }}) as variant,
    features.last_advanced_feature_use_at as qualified_at,
    features.advanced_feature_uses as score
from features
inner join profiles on features.customer_id = profiles.customer_id
where profiles.is_in_trial and features.advanced_feature_uses >= 2
