with

activity as (select * from {{ ref('int_identifier_activity_daily') }}),

orders as (select * from {{ ref('int_identifier_orders') }}),

horizons as (
    select 'propensity' as purpose, {{ var('propensity_horizon_days') }} as horizon_days
    union all
    select 'value' as purpose, {{ var('value_horizon_days') }} as horizon_days
),

steps (horizons_ago) as (
    -- Now; a horizon ago, whose outcomes are known; two horizons ago, to judge what was learnt.
    values (0), (1), (2)
),

moments as (
    select
        horizons.purpose,
        horizons.horizon_days,
        steps.horizons_ago,
        -steps.horizons_ago * horizons.horizon_days as days_to_moment,
        (1 - steps.horizons_ago) * horizons.horizon_days as days_to_outcome,
        (-1 - steps.horizons_ago) * horizons.horizon_days as days_to_history,
        {{ as_of() }} as as_of
    from horizons
    cross join steps
),

dates as (
    select
        purpose,
        horizon_days,
        horizons_ago,
        {{ dbt.dateadd('day', 'days_to_moment', 'as_of') }} as scored_at,
        {{ dbt.dateadd('day', 'days_to_outcome', 'as_of') }} as outcome_ends_at,
        {{ dbt.dateadd('day', 'days_to_history', 'as_of') }} as needed_since
    from moments
),

first_facts as (
    select min(first_fact_at) as first_fact_at
    from (
        select cast(min(activity_date) as timestamp) as first_fact_at from activity
        union all
        select min(ordered_at) as first_fact_at from orders
    ) as facts
),

final as (
    select
        dates.purpose,
        dates.horizon_days,
        dates.horizons_ago,
        dates.scored_at,
        cast(dates.scored_at as date) as scored_on,
        dates.outcome_ends_at,
        -- Signals need something to look back on: a horizon of history before the moment.
        coalesce(first_facts.first_fact_at <= dates.needed_since, false) as has_history
    from dates
    cross join first_facts
)

select * from final
