-- The last day of a curve is what experiment_results says of everybody, by itt and by sequential.
with

curves as (
    select
        *,
        row_number() over (
            partition by experiment_key, arm_key, metric_key
            order by as_of_date desc
        ) as day_rank
    from {{ ref('experiment_cumulative_lifts') }}
    where is_as_in_result
),

results as (
    select * from {{ ref('experiment_results') }}
    where slice = 'all' and method in ('itt', 'sequential')
),

compared as (
    select
        results.experiment_key,
        results.arm_key,
        results.metric_key,
        results.method,
        results.ci_low,
        results.ci_high,
        case results.method when 'itt' then curves.fixed_ci_low else curves.ci_low end as curve_low,
        case results.method when 'itt' then curves.fixed_ci_high else curves.ci_high end
            as curve_high
    from results
    inner join curves
        on
            results.experiment_key = curves.experiment_key
            and results.arm_key = curves.arm_key
            and results.metric_key = curves.metric_key
            and curves.day_rank = 1
),

final as (
    select
        'the curve of experiment ' || experiment_key || ', arm ' || arm_key || ', metric '
        || metric_key || ' does not end at its result by ' || method as problem
    from compared
    where
        (ci_low is null) <> (curve_low is null)
        or abs(ci_low - curve_low) > 1e-9 * (abs(ci_low) + abs(ci_high))
        or abs(ci_high - curve_high) > 1e-9 * (abs(ci_low) + abs(ci_high))
)

select * from final
