{{ config(access='private', schema='intermediate') }}

with

comparisons as (
    select * from {{ ref('int_experiment_comparisons') }}
    where population = 'all' and stratum = 'all'
),

pooled as (
    select
        *,
        {{ mean_of_both('covariate') }} as covariate_mean,
        {{ covariance_of_both('covariate', 'covariate', 'covariate_variance') }}
            as covariate_variance,
        {{ covariance_of_both('outcome', 'covariate', 'outcome_covariate_covariance') }}
            as outcome_covariate_covariance
    from comparisons
),

regressed as (
    select
        *,
        outcome_covariate_covariance / nullif(covariate_variance, 0) as theta
    from pooled
),

final as (
    select
        experiment_key,
        arm_key,
        metric_key,
        'cuped' as method,
        slice,
        alpha,
        n_c,
        n_t,
        outcome_mean_c - theta * (covariate_mean_c - covariate_mean) as mean_c,
        outcome_mean_t - theta * (covariate_mean_t - covariate_mean) as mean_t,
        {{ variance_left('outcome_variance_c', 'outcome_covariate_covariance_c',
                         'covariate_variance_c', 'theta') }} / nullif(n_c, 0) as mean_variance_c,
        {{ variance_left('outcome_variance_t', 'outcome_covariate_covariance_t',
                         'covariate_variance_t', 'theta') }} / nullif(n_t, 0) as mean_variance_t,
        cast(n_c - 1 as double) as df_c,
        cast(n_t - 1 as double) as df_t,
        case when covariate_variance = 0 then 'the covariate does not vary' end as reason
    from regressed
)

select * from final
