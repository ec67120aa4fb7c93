{{ config(access='private', schema='intermediate') }}

with

comparisons as (
    select * from {{ ref('int_experiment_comparisons') }}
    where
        population = 'all'
        and stratum = 'all'
        and denominator_metric_key is not null
),

ratios as (
    select
        *,
        outcome_mean_c / nullif(denominator_mean_c, 0) as ratio_c,
        outcome_mean_t / nullif(denominator_mean_t, 0) as ratio_t
    from comparisons
),

final as (
    select
        experiment_key,
        arm_key,
        metric_key,
        'ratio' as method,
        slice,
        alpha,
        n_c,
        n_t,
        ratio_c as mean_c,
        ratio_t as mean_t,
        {{ variance_left('outcome_variance_c', 'outcome_denominator_covariance_c',
                         'denominator_variance_c', 'ratio_c') }}
        / nullif(denominator_mean_c * denominator_mean_c, 0) / nullif(n_c, 0) as mean_variance_c,
        {{ variance_left('outcome_variance_t', 'outcome_denominator_covariance_t',
                         'denominator_variance_t', 'ratio_t') }}
        / nullif(denominator_mean_t * denominator_mean_t, 0) / nullif(n_t, 0) as mean_variance_t,
        cast(n_c - 1 as double) as df_c,
        cast(n_t - 1 as double) as df_t,
        case
            when denominator_mean_c = 0 or denominator_mean_t = 0
                then 'the denominator is zero'
        end as reason
    from ratios
)

select * from final
