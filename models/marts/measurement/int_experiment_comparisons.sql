{{ config(access='private', schema='intermediate') }}

with

statistics as (select * from {{ ref('int_experiment_statistics') }}),

experiments as (select * from {{ ref('mart_experiments') }}),

metrics as (select * from {{ ref('metrics') }}),

final as (
    -- What estimators read: _c is control, _t the treatment arm.
    select
        treatment.experiment_key,
        treatment.arm_key,
        treatment.metric_key,
        treatment.population,
        treatment.slice,
        treatment.stratum,
        metrics.aggregation,
        metrics.denominator_metric_key,
        experiments.alpha,
        control.unit_count as n_c,
        control.exposed_count as exposed_c,
        control.outcome_mean as outcome_mean_c,
        control.outcome_variance as outcome_variance_c,
        control.denominator_mean as denominator_mean_c,
        control.denominator_variance as denominator_variance_c,
        control.covariate_mean as covariate_mean_c,
        control.covariate_variance as covariate_variance_c,
        control.covariate_denominator_mean as covariate_denominator_mean_c,
        control.covariate_denominator_variance as covariate_denominator_variance_c,
        control.outcome_denominator_covariance as outcome_denominator_covariance_c,
        control.outcome_covariate_covariance as outcome_covariate_covariance_c,
        control.outcome_covariate_denominator_covariance
            as outcome_covariate_denominator_covariance_c,
        control.denominator_covariate_covariance as denominator_covariate_covariance_c,
        control.denominator_covariate_denominator_covariance
            as denominator_covariate_denominator_covariance_c,
        control.covariate_covariate_denominator_covariance
            as covariate_covariate_denominator_covariance_c,
        control.outcome_exposure_covariance as outcome_exposure_covariance_c,
        treatment.unit_count as n_t,
        treatment.exposed_count as exposed_t,
        treatment.outcome_mean as outcome_mean_t,
        treatment.outcome_variance as outcome_variance_t,
        treatment.denominator_mean as denominator_mean_t,
        treatment.denominator_variance as denominator_variance_t,
        treatment.covariate_mean as covariate_mean_t,
        treatment.covariate_variance as covariate_variance_t,
        treatment.covariate_denominator_mean as covariate_denominator_mean_t,
        treatment.covariate_denominator_variance as covariate_denominator_variance_t,
        treatment.outcome_denominator_covariance as outcome_denominator_covariance_t,
        treatment.outcome_covariate_covariance as outcome_covariate_covariance_t,
        treatment.outcome_covariate_denominator_covariance
            as outcome_covariate_denominator_covariance_t,
        treatment.denominator_covariate_covariance as denominator_covariate_covariance_t,
        treatment.denominator_covariate_denominator_covariance
            as denominator_covariate_denominator_covariance_t,
        treatment.covariate_covariate_denominator_covariance
            as covariate_covariate_denominator_covariance_t,
        treatment.outcome_exposure_covariance as outcome_exposure_covariance_t
    from statistics as treatment
    inner join statistics as control
        on
            treatment.experiment_key = control.experiment_key
            and treatment.metric_key = control.metric_key
            and treatment.population = control.population
            and treatment.slice = control.slice
            and treatment.stratum = control.stratum
            and control.is_control
    inner join experiments on treatment.experiment_key = experiments.experiment_key
    inner join metrics on treatment.metric_key = metrics.metric_key
    where not treatment.is_control
)

select * from final
