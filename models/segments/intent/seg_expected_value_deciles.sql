with

expected_values as (select * from {{ ref('int_customer_expected_values') }}),

profiles as (select * from {{ ref('int_customer_profiles') }})

select
    expected_values.customer_id,
    cast(null as integer) as lookback_days,
    cast(expected_values.decile as {{ dbt.type_string() }}) as variant,
    profiles.last_ordered_at as qualified_at,
    expected_values.expected_revenue_amount as score
from expected_values
inner join profiles on expected_values.customer_id = profiles.customer_id
where expected_values.decile is not null
