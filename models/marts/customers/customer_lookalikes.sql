with

scored as (
    select * from {{ ref('int_segment_scored_customers') }}
    where scorecard_key <> 'propensity'
),

final as (
    select
        scorecard_key as seed_segment_id,
        customer_id,
        probability as score,
        decile,
        reasons,
        {{ var('propensity_horizon_days') }} as horizon_days,
        {{ as_of() }} as as_of
    from scored
)

select * from final
