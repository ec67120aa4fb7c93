{{ config(access='private', schema='intermediate') }}

with

experiments as (
    select * from {{ ref('mart_experiments') }}
    where status <> 'planned'
),

arms as (select * from {{ ref('mart_experiment_arms') }}),

experiment_metrics as (select * from {{ ref('experiment_metrics') }}),

mature_outcomes as (
    -- A unit counts once its outcome window is complete: half a window would favour no one and
    -- mislead everyone.
    select * from {{ ref('experiment_unit_outcomes') }}
    where is_mature
),

centres as (
    -- Sums of squares lose their digits on large means. So values are taken against the mean of all
    -- arms, and in units of their range: between -1 and 1, whatever they count.
    select
        experiment_key,
        metric_key,
        {{ stable_sum('outcome_value') }} / count(*) as centre,
        max(outcome_value) - min(outcome_value) as value_range
    from mature_outcomes
    group by experiment_key, metric_key
),

centred_outcomes as (
    select
        mature_outcomes.experiment_key,
        mature_outcomes.metric_key,
        mature_outcomes.arm_key,
        mature_outcomes.is_merged_across_arms,
        mature_outcomes.outcome_value,
        centres.value_range,
        coalesce(
            (mature_outcomes.outcome_value - centres.centre) / nullif(centres.value_range, 0), 0
        ) as deviation
    from mature_outcomes
    inner join centres
        on
            mature_outcomes.experiment_key = centres.experiment_key
            and mature_outcomes.metric_key = centres.metric_key
),

sums as (
    -- Decimals: the same sums in whatever order the engine adds.
    select
        experiment_key,
        metric_key,
        arm_key,
        is_merged_across_arms,
        max(value_range) as value_range,
        count(*) as unit_count,
        {{ stable_sum('outcome_value') }} as outcome_sum,
        sum(cast(deviation as decimal(38, 26))) as deviation_sum,
        sum(cast(deviation * deviation as decimal(38, 26))) as square_sum,
        min(deviation) as lowest,
        max(deviation) as highest
    from centred_outcomes
    group by experiment_key, metric_key, arm_key, is_merged_across_arms
),

populations as (
    -- Everyone, and those whose treatment is in no doubt.
    select 'all' as population
    union all
    select 'unmerged' as population
),

population_sums as (
    select
        populations.population,
        sums.experiment_key,
        sums.metric_key,
        sums.arm_key,
        max(sums.value_range) as value_range,
        cast(sum(sums.unit_count) as bigint) as unit_count,
        {{ stable_sum('sums.outcome_sum') }} as outcome_sum,
        cast(sum(sums.deviation_sum) as double) as deviation_sum,
        cast(sum(sums.square_sum) as double) as square_sum,
        min(sums.lowest) = max(sums.highest) as is_constant
    from sums
    inner join populations
        on populations.population = 'all' or not sums.is_merged_across_arms
    group by
        populations.population,
        sums.experiment_key,
        sums.metric_key,
        sums.arm_key
),

arm_statistics as (
    select
        population,
        experiment_key,
        metric_key,
        arm_key,
        unit_count,
        outcome_sum / unit_count as outcome_mean,
        value_range * value_range
        * case
            when not is_constant then square_sum - deviation_sum * deviation_sum / unit_count
            else 0
        end
        / nullif(unit_count - 1, 0) as outcome_variance
    from population_sums
),

final as (
    select
        experiments.experiment_key,
        experiment_metrics.metric_key,
        arms.arm_key,
        arms.is_control,
        populations.population,
        'all' as slice,
        coalesce(arm_statistics.unit_count, 0) as unit_count,
        arm_statistics.outcome_mean,
        arm_statistics.outcome_variance
    from experiments
    inner join experiment_metrics
        on experiments.experiment_key = experiment_metrics.experiment_key
    inner join arms on experiments.experiment_key = arms.experiment_key
    cross join populations
    left join arm_statistics
        on
            populations.population = arm_statistics.population
            and experiments.experiment_key = arm_statistics.experiment_key
            and experiment_metrics.metric_key = arm_statistics.metric_key
            and arms.arm_key = arm_statistics.arm_key
)

select * from final
