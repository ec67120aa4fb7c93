with

scored as (select * from {{ ref('int_segment_scored_customers') }}),

profiles as (select * from {{ ref('int_customer_profiles') }})

select
    scored.customer_id,
    cast(null as integer) as lookback_days,
    replace(replace(scored.scorecard_key, '/', '-'), '@', '-') as variant,
    profiles.last_seen_at as qualified_at,
    scored.probability as score
from scored
inner join profiles on scored.customer_id = profiles.customer_id
where scored.scorecard_key <> 'propensity' and scored.decile = 10
