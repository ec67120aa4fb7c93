{{ config(access='private', schema='intermediate') }}

with

prospects as (
    select * from {{ ref('int_experiment_prospects') }}
    where baseline_at is not null
),

unit_values as (
    select * from {{ ref('int_experiment_prospect_values') }}
    where period in ('outcome', 'covariate')
),

pairs as (
    select
        experiment_key,
        metric_key,
        unit_id,
        max(case when period = 'outcome' then metric_value end) as outcome_value,
        max(case when period = 'outcome' then divisor_value end) as outcome_divisor,
        max(case when period = 'covariate' then metric_value end) as covariate_value,
        max(case when period = 'covariate' then divisor_value end) as covariate_divisor
    from unit_values
    group by experiment_key, metric_key, unit_id
),

totals as (
    select
        pairs.experiment_key,
        pairs.metric_key,
        max(prospects.baseline_basis) as baseline_basis,
        count(*) as unit_count,
        {{ stable_sum('pairs.outcome_value') }} as outcome_sum,
        nullif({{ stable_sum('pairs.outcome_divisor') }}, 0) as outcome_divisor_sum,
        {{ stable_sum('pairs.covariate_value') }} as covariate_sum,
        nullif({{ stable_sum('pairs.covariate_divisor') }}, 0) as covariate_divisor_sum
    from pairs
    inner join prospects
        on
            pairs.experiment_key = prospects.experiment_key
            and pairs.unit_id = prospects.unit_id
    where pairs.outcome_value is not null
    group by pairs.experiment_key, pairs.metric_key
),

linearised as (
    select
        pairs.experiment_key,
        pairs.metric_key,
        {{ linearised_ratio(
            'pairs.outcome_value', 'pairs.outcome_divisor',
            'totals.outcome_sum', 'totals.outcome_divisor_sum', 'totals.unit_count'
        ) }} as outcome,
        {{ linearised_ratio(
            'pairs.covariate_value', 'pairs.covariate_divisor',
            'totals.covariate_sum', 'totals.covariate_divisor_sum', 'totals.unit_count'
        ) }} as covariate
    from pairs
    inner join totals
        on
            pairs.experiment_key = totals.experiment_key
            and pairs.metric_key = totals.metric_key
    where pairs.outcome_value is not null
),

ranges as (
    select
        experiment_key,
        metric_key,
        max(abs(outcome)) as outcome_scale,
        max(abs(covariate)) as covariate_scale
    from linearised
    group by experiment_key, metric_key
),

scaled as (
    -- Between -1 and 1, so that decimals hold the digits of any metric.
    select
        linearised.experiment_key,
        linearised.metric_key,
        ranges.outcome_scale,
        coalesce(linearised.outcome / nullif(ranges.outcome_scale, 0), 0) as outcome,
        coalesce(linearised.covariate / nullif(ranges.covariate_scale, 0), 0) as covariate
    from linearised
    inner join ranges
        on
            linearised.experiment_key = ranges.experiment_key
            and linearised.metric_key = ranges.metric_key
),

sums as (
    -- Decimals: the same sums in whatever order the engine adds.
    select
        experiment_key,
        metric_key,
        max(outcome_scale) as outcome_scale,
        cast({{ deviation_sum('outcome * outcome') }} as double) as outcome_square_sum,
        cast({{ deviation_sum('covariate * covariate') }} as double) as covariate_square_sum,
        cast({{ deviation_sum('outcome * covariate') }} as double) as product_sum
    from scaled
    group by experiment_key, metric_key
),

limited as (
    select
        *,
        sqrt(outcome_square_sum * covariate_square_sum) as product_limit
    from sums
),

final as (
    select
        totals.experiment_key,
        totals.metric_key,
        totals.baseline_basis,
        totals.unit_count,
        totals.outcome_sum / totals.outcome_divisor_sum as baseline_mean,
        case
            when totals.unit_count >= 2
                then
                    sums.outcome_scale
                    * sqrt(sums.outcome_square_sum / (totals.unit_count - 1))
        end as standard_deviation,
        -- Between -1 and 1, whatever the last digits say.
        case
            when sums.outcome_square_sum > 0 and sums.covariate_square_sum > 0
                then greatest(least(sums.product_sum / sums.product_limit, 1e0), -1e0)
        end as covariate_correlation
    from totals
    inner join limited as sums
        on
            totals.experiment_key = sums.experiment_key
            and totals.metric_key = sums.metric_key
)

select * from final
