{{ config(access='private', schema='intermediate') }}

with

comparisons as (
    select * from {{ ref('int_experiment_comparisons') }}
    where population = 'all' and stratum = 'all'
),

campaigns as (
    -- distinct, because an experiment may have several campaigns
    select distinct experiment_key
    from {{ ref('stg_ads__campaigns') }}
    where experiment_key is not null
),

shares as (
    select
        comparisons.*,
        comparisons.exposed_c / cast(nullif(comparisons.n_c, 0) as double) as share_c,
        comparisons.exposed_t / cast(nullif(comparisons.n_t, 0) as double) as share_t
    from comparisons
    inner join campaigns on comparisons.experiment_key = campaigns.experiment_key
),

effects as (
    select
        *,
        (outcome_mean_t - outcome_mean_c)
        / case when share_t > share_c then share_t - share_c end as effect,
        share_c * (1 - share_c) * n_c / nullif(n_c - 1, 0) as share_variance_c,
        share_t * (1 - share_t) * n_t / nullif(n_t - 1, 0) as share_variance_t
    from shares
),

errors as (
    -- The variance of what is left of the outcome when the effect of exposure is taken from it.
    select
        *,
        sqrt(
            {{ variance_left('outcome_variance_c', 'outcome_exposure_covariance_c',
                             'share_variance_c', 'effect') }} / nullif(n_c, 0)
            + {{ variance_left('outcome_variance_t', 'outcome_exposure_covariance_t',
                               'share_variance_t', 'effect') }} / nullif(n_t, 0)
        ) / case when share_t > share_c then share_t - share_c end as raw_error,
        {{ normal_quantile('1 - alpha / 2') }} as z
    from effects
),

judged as (
    select
        *,
        case when raw_error > 0 then raw_error end as standard_error,
        effect / nullif(raw_error, 0) as z_statistic
    from errors
),

final as (
    select
        experiment_key,
        arm_key,
        metric_key,
        'cace' as method,
        slice,
        cast(null as double) as control_mean,
        cast(null as double) as treatment_mean,
        effect as absolute_lift,
        standard_error,
        cast(null as double) as degrees_of_freedom,
        effect - z * standard_error as ci_low,
        effect + z * standard_error as ci_high,
        cast(null as double) as relative_lift,
        cast(null as double) as relative_ci_low,
        cast(null as double) as relative_ci_high,
        2 * {{ normal_upper_tail('abs(z_statistic)') }} as p_value,
        n_c as control_units,
        n_t as treatment_units,
        coalesce(
            {{ empty_arm_reason('n_c', 'n_t') }},
            {{ small_arm_reason('n_c', 'n_t') }},
            case
                when effect is null then 'the arm was not exposed more than control'
                when raw_error is null then 'the statistics that are remembered do not tell'
                when standard_error is null then 'neither arm varies'
            end
        ) as reason
    from judged
)

select * from final
