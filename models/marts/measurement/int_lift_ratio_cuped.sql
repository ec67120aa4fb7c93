{{ config(access='private', schema='intermediate') }}

with

comparisons as (
    select * from {{ ref('int_experiment_comparisons') }}
    where
        population = 'all'
        and stratum = 'all'
        and denominator_metric_key is not null
),

pooled as (
    select
        *,
        {{ mean_of_both('outcome') }} as outcome_mean_both,
        {{ mean_of_both('denominator') }} as denominator_mean_both,
        {{ mean_of_both('covariate') }} as covariate_mean_both,
        {{ mean_of_both('covariate_denominator') }} as covariate_denominator_mean_both,
        {{ covariance_of_both('covariate', 'covariate', 'covariate_variance') }}
            as covariate_variance_both,
        {{ covariance_of_both(
            'covariate_denominator', 'covariate_denominator', 'covariate_denominator_variance'
        ) }} as covariate_denominator_variance_both,
        {{ covariance_of_both(
            'covariate', 'covariate_denominator', 'covariate_covariate_denominator_covariance'
        ) }} as covariate_covariate_denominator_covariance_both,
        {{ covariance_of_both('outcome', 'covariate', 'outcome_covariate_covariance') }}
            as outcome_covariate_covariance_both,
        {{ covariance_of_both(
            'outcome', 'covariate_denominator', 'outcome_covariate_denominator_covariance'
        ) }} as outcome_covariate_denominator_covariance_both,
        {{ covariance_of_both('denominator', 'covariate', 'denominator_covariate_covariance') }}
            as denominator_covariate_covariance_both,
        {{ covariance_of_both(
            'denominator', 'covariate_denominator',
            'denominator_covariate_denominator_covariance'
        ) }} as denominator_covariate_denominator_covariance_both
    from comparisons
),

ratios as (
    select
        *,
        outcome_mean_both / nullif(denominator_mean_both, 0) as outcome_ratio_both,
        outcome_mean_c / nullif(denominator_mean_c, 0) as outcome_ratio_c,
        outcome_mean_t / nullif(denominator_mean_t, 0) as outcome_ratio_t,
        covariate_mean_both / nullif(covariate_denominator_mean_both, 0) as covariate_ratio_both,
        covariate_mean_c / nullif(covariate_denominator_mean_c, 0)
            as covariate_ratio_c,
        covariate_mean_t / nullif(covariate_denominator_mean_t, 0)
            as covariate_ratio_t
    from pooled
),

linearised as (
    select
        *,
        {{ linearised_variance(
            'covariate', 'covariate_denominator', 'covariate_ratio',
            'covariate_covariate_denominator_covariance', '_both'
        ) }} as covariate_ratio_variance_both,
        {{ linearised_variance(
            'covariate', 'covariate_denominator', 'covariate_ratio',
            'covariate_covariate_denominator_covariance', '_c'
        ) }} as covariate_ratio_variance_c,
        {{ linearised_variance(
            'covariate', 'covariate_denominator', 'covariate_ratio',
            'covariate_covariate_denominator_covariance', '_t'
        ) }} as covariate_ratio_variance_t,
        {{ linearised_variance(
            'outcome', 'denominator', 'outcome_ratio',
            'outcome_denominator_covariance', '_c'
        ) }} as outcome_ratio_variance_c,
        {{ linearised_variance(
            'outcome', 'denominator', 'outcome_ratio',
            'outcome_denominator_covariance', '_t'
        ) }} as outcome_ratio_variance_t,
        {{ linearised_covariance('_both') }} as ratio_covariance_both,
        {{ linearised_covariance('_c') }} as ratio_covariance_c,
        {{ linearised_covariance('_t') }} as ratio_covariance_t
    from ratios
),

regressed as (
    select
        *,
        ratio_covariance_both / nullif(covariate_ratio_variance_both, 0) as theta
    from linearised
),

final as (
    select
        experiment_key,
        arm_key,
        metric_key,
        'ratio_cuped' as method,
        slice,
        alpha,
        n_c,
        n_t,
        outcome_ratio_c - theta * (covariate_ratio_c - covariate_ratio_both) as mean_c,
        outcome_ratio_t - theta * (covariate_ratio_t - covariate_ratio_both) as mean_t,
        {{ variance_left(
            'outcome_ratio_variance_c', 'ratio_covariance_c',
            'covariate_ratio_variance_c', 'theta'
        ) }} / nullif(n_c, 0) as mean_variance_c,
        {{ variance_left(
            'outcome_ratio_variance_t', 'ratio_covariance_t',
            'covariate_ratio_variance_t', 'theta'
        ) }} / nullif(n_t, 0) as mean_variance_t,
        cast(n_c - 1 as double) as df_c,
        cast(n_t - 1 as double) as df_t,
        case
            when denominator_mean_c = 0 or denominator_mean_t = 0
                then 'the denominator is zero'
            when covariate_denominator_mean_c = 0 or covariate_denominator_mean_t = 0
                then 'the denominator was zero before the assignment'
            when covariate_ratio_variance_both = 0 then 'the covariate does not vary'
        end as reason
    from regressed
)

select * from final
