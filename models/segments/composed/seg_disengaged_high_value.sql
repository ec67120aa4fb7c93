-- All: silent in the window, and of a tier that is worth a call.
with

silent as (select * from {{ ref('seg_non_engaged') }}),

profiles as (select * from {{ ref('int_customer_profiles') }})

select
    silent.customer_id,
    silent.lookback_days,
    profiles.loyalty_tier as variant,
    silent.qualified_at,
    silent.score
from silent
inner join profiles on silent.customer_id = profiles.customer_id
where profiles.loyalty_tier in ('gold', 'silver')
