with

profiles as (select * from {{ ref('int_customer_profiles') }})

select
    customer_id,
    cast(null as integer) as lookback_days,
    cast(null as {{ dbt.type_string() }}) as variant,
    last_seen_at as qualified_at,
    preferred_weekday_day_count as score
from profiles
where
    preferred_weekday in (6, 7)
    and preferred_weekday_day_count >= 2
    and preferred_device = 'desktop'
    and preferred_device_day_count >= 2
