{{ config(access='private', schema='intermediate') }}

with

current_statistics as (select * from {{ ref('int_experiment_current_statistics') }}),

experiments as (
    select * from {{ ref('mart_experiments') }}
    where status = 'ended'
),

experiment_metrics as (select * from {{ ref('experiment_metrics') }}),

remembered_statistics as (
    select * from {{ ref('int_experiment_finished_statistics') }}
    where as_of <= {{ as_of() }}
),

finished_statistics as (
    select remembered_statistics.*
    from remembered_statistics
    inner join experiments
        on
            remembered_statistics.experiment_key = experiments.experiment_key
            and remembered_statistics.ends_at = experiments.ends_at
    inner join experiment_metrics
        on
            remembered_statistics.experiment_key = experiment_metrics.experiment_key
            and remembered_statistics.metric_key = experiment_metrics.metric_key
),

finished_metrics as (
    select experiment_key, metric_key
    from finished_statistics
    group by experiment_key, metric_key
),

unfinished_statistics as (
    select current_statistics.*
    from current_statistics
    left join finished_metrics
        on
            current_statistics.experiment_key = finished_metrics.experiment_key
            and current_statistics.metric_key = finished_metrics.metric_key
    where finished_metrics.experiment_key is null
),

final as (
    -- What is remembered of a finished experiment counts: it is what the units show, or what they
    -- showed before one of them had to go.
    select
        experiment_key,
        metric_key,
        arm_key,
        is_control,
        population,
        slice,
        stratum,
        unit_count,
        exposed_count,
        outcome_mean,
        outcome_variance,
        denominator_mean,
        denominator_variance,
        covariate_mean,
        covariate_variance,
        covariate_denominator_mean,
        covariate_denominator_variance,
        outcome_denominator_covariance,
        outcome_covariate_covariance,
        outcome_covariate_denominator_covariance,
        denominator_covariate_covariance,
        denominator_covariate_denominator_covariance,
        covariate_covariate_denominator_covariance,
        outcome_exposure_covariance
    from unfinished_statistics
    union all
    select
        experiment_key,
        metric_key,
        arm_key,
        is_control,
        population,
        slice,
        -- What was remembered before there were strata is about all of them.
        coalesce(stratum, 'all') as stratum,
        unit_count,
        exposed_count,
        outcome_mean,
        outcome_variance,
        denominator_mean,
        denominator_variance,
        covariate_mean,
        covariate_variance,
        covariate_denominator_mean,
        covariate_denominator_variance,
        outcome_denominator_covariance,
        outcome_covariate_covariance,
        outcome_covariate_denominator_covariance,
        denominator_covariate_covariance,
        denominator_covariate_denominator_covariance,
        covariate_covariate_denominator_covariance,
        outcome_exposure_covariance
    from finished_statistics
)

select * from final
