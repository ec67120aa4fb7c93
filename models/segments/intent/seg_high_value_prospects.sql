with

features as (select * from {{ ref('int_customer_features') }}),

profiles as (select * from {{ ref('int_customer_profiles') }})

select
    features.customer_id,
    features.lookback_days,
    cast(null as {{ dbt.type_string() }}) as variant,
    features.last_interaction_at as qualified_at,
    features.engagement_score as score
from features
inner join profiles on features.customer_id = profiles.customer_id
where
    profiles.order_count = 0
    and features.engagement_score >= 20
    and features.pricing_page_views + features.checkout_starts + features.form_submits >= 1
