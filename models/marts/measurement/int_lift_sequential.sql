{{ config(access='private', schema='intermediate') }}

with

lifts as (
    select * from {{ ref('int_lift_welch') }}
    where method = 'itt'
),

experiments as (select * from {{ ref('mart_experiments') }}),

tuned as (
    -- Narrowest, beside the fixed interval, about at the planned number of units; valid at any.
    select
        lifts.*,
        experiments.alpha,
        (lifts.control_units + lifts.treatment_units)
        * (-2 * ln(experiments.alpha) + ln(1 - 2 * ln(experiments.alpha)))
        / cast({{ var('sequential_planned_units') }} as double) as n_rho_square
    from lifts
    inner join experiments on lifts.experiment_key = experiments.experiment_key
),

reaches as (
    -- How many standard errors the interval reaches to each side.
    select
        *,
        sqrt(
            2 * (n_rho_square + 1) * ln(sqrt(n_rho_square + 1) / alpha) / n_rho_square
        ) as reach,
        absolute_lift / standard_error as t_statistic
    from tuned
    where standard_error is not null
),

judged as (
    -- p is the smallest alpha at which the interval would leave zero out.
    select
        *,
        least(
            1,
            sqrt(n_rho_square + 1)
            * exp(-t_statistic * t_statistic * n_rho_square / (2 * (n_rho_square + 1)))
        ) as sequential_p_value
    from reaches
),

final as (
    select
        tuned.experiment_key,
        tuned.arm_key,
        tuned.metric_key,
        'sequential' as method,
        tuned.slice,
        tuned.control_mean,
        tuned.treatment_mean,
        tuned.absolute_lift,
        tuned.standard_error,
        cast(null as double) as degrees_of_freedom,
        tuned.absolute_lift - judged.reach * tuned.standard_error as ci_low,
        tuned.absolute_lift + judged.reach * tuned.standard_error as ci_high,
        tuned.relative_lift,
        cast(null as double) as relative_ci_low,
        cast(null as double) as relative_ci_high,
        judged.sequential_p_value as p_value,
        tuned.control_units,
        tuned.treatment_units,
        tuned.reason
    from tuned
    left join judged
        on
            tuned.experiment_key = judged.experiment_key
            and tuned.arm_key = judged.arm_key
            and tuned.metric_key = judged.metric_key
            and tuned.slice = judged.slice
)

select * from final
