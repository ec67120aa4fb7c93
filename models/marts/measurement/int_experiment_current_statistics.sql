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

populations as (
    -- Everyone, and those whose treatment is in no doubt.
    select 'all' as population
    union all
    select 'unmerged' as population
),

population_outcomes as (
    select populations.population, mature_outcomes.*
    from mature_outcomes
    inner join populations
        on populations.population = 'all' or not mature_outcomes.is_merged_across_arms
),

arm_statistics as (
    -- The engine's own variance is centred: raw sums of squares lose all digits on large means.
    select
        population,
        experiment_key,
        metric_key,
        arm_key,
        count(*) as unit_count,
        avg({{ in_order('outcome_value', 'unit_id') }}) as outcome_mean,
        var_samp({{ in_order('outcome_value', 'unit_id') }}) as outcome_variance
    from population_outcomes
    group by population, experiment_key, metric_key, arm_key
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
