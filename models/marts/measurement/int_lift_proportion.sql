{{ config(access='private', schema='intermediate') }}

with

comparisons as (
    select * from {{ ref('int_experiment_comparisons') }}
    where
        population = 'all'
        and stratum = 'all'
        and aggregation = 'any'
        and denominator_metric_key is null
),

shares as (
    select
        *,
        {{ normal_quantile('1 - alpha / 2') }} as z,
        {{ mean_of_both('outcome') }} as pooled_share
    from comparisons
),

scores as (
    -- Half the width of Wilson's interval of each share, and its middle.
    select
        *,
        (n_c * outcome_mean_c + z * z / 2) / (n_c + z * z) as middle_c,
        (n_t * outcome_mean_t + z * z / 2) / (n_t + z * z) as middle_t,
        z * sqrt(n_c * outcome_mean_c * (1 - outcome_mean_c) + z * z / 4) / (n_c + z * z)
            as reach_c,
        z * sqrt(n_t * outcome_mean_t * (1 - outcome_mean_t) + z * z / 4) / (n_t + z * z)
            as reach_t,
        outcome_mean_t - outcome_mean_c as absolute_lift,
        case
            when pooled_share > 0 and pooled_share < 1
                then
                    sqrt(
                        pooled_share * (1 - pooled_share)
                        * (1 / cast(n_c as double) + 1 / cast(n_t as double))
                    )
        end as standard_error
    from shares
    where n_c > 0 and n_t > 0
),

bounds as (
    -- Newcombe: what lies between a share and the end of its interval, squared, adds up.
    select
        *,
        absolute_lift / standard_error as z_statistic,
        outcome_mean_c - (middle_c - reach_c) as below_c,
        (middle_c + reach_c) - outcome_mean_c as above_c,
        outcome_mean_t - (middle_t - reach_t) as below_t,
        (middle_t + reach_t) - outcome_mean_t as above_t
    from scores
),

judged as (
    select
        *,
        absolute_lift - sqrt(below_t * below_t + above_c * above_c) as ci_low,
        absolute_lift + sqrt(above_t * above_t + below_c * below_c) as ci_high,
        2 * {{ normal_upper_tail('abs(z_statistic)') }} as p_value
    from bounds
),

final as (
    select
        comparisons.experiment_key,
        comparisons.arm_key,
        comparisons.metric_key,
        'proportion' as method,
        comparisons.slice,
        comparisons.outcome_mean_c as control_mean,
        comparisons.outcome_mean_t as treatment_mean,
        judged.absolute_lift,
        judged.standard_error,
        cast(null as double) as degrees_of_freedom,
        judged.ci_low,
        judged.ci_high,
        {{ relative_lift('comparisons.outcome_mean_t', 'comparisons.outcome_mean_c') }}
            as relative_lift,
        cast(null as double) as relative_ci_low,
        cast(null as double) as relative_ci_high,
        judged.p_value,
        comparisons.n_c as control_units,
        comparisons.n_t as treatment_units,
        coalesce(
            {{ empty_arm_reason('comparisons.n_c', 'comparisons.n_t') }},
            case when judged.standard_error is null then 'neither arm varies' end
        ) as reason
    from comparisons
    left join judged
        on
            comparisons.experiment_key = judged.experiment_key
            and comparisons.arm_key = judged.arm_key
            and comparisons.metric_key = judged.metric_key
            and comparisons.slice = judged.slice
)

select * from final
