with

profiles as (select * from {{ ref('int_customer_profiles') }})

select
    customer_id,
    cast(null as integer) as lookback_days,
    cast(null as {{ dbt.type_string() }}) as variant,
    last_seen_at as qualified_at,
    preferred_hour_day_count as score
from profiles
where
    preferred_hour between 17 and 22
    and preferred_hour_day_count >= 2
    and preferred_device = 'mobile'
    and preferred_device_day_count >= 2
