{{ config(access='private', schema='intermediate') }}

with

compared as (
    -- Estimators that give each arm a mean, the variance of that mean, and degrees of freedom.
    select * from {{ ref('int_lift_itt') }}
    union all
    select * from {{ ref('int_lift_cuped') }}
    union all
    select * from {{ ref('int_lift_ratio') }}
    union all
    select * from {{ ref('int_lift_ratio_cuped') }}
    union all
    select * from {{ ref('int_lift_poststratified') }}
),

usable as (
    -- A figure that cannot be had is null, and says why.
    select
        experiment_key,
        arm_key,
        metric_key,
        method,
        slice,
        alpha,
        n_c,
        n_t,
        mean_c,
        mean_t,
        mean_variance_c,
        mean_variance_t,
        df_c,
        df_t,
        coalesce(
            {{ empty_arm_reason('n_c', 'n_t') }},
            reason,
            {{ small_arm_reason('n_c', 'n_t') }},
            case
                when mean_variance_c + mean_variance_t is null
                    then 'the statistics that are remembered do not tell'
                when mean_variance_c + mean_variance_t = 0 then 'neither arm varies'
            end
        ) as reason
    from compared
),

log_scaled as (
    -- A relative lift is judged on the log scale, where the ratio of two means is nearly normal.
    select
        *,
        {{ log_ratio_variance('mean_c', 'mean_variance_c') }} as log_variance_c,
        {{ log_ratio_variance('mean_t', 'mean_variance_t') }} as log_variance_t
    from usable
),

errors as (
    select
        *,
        mean_t - mean_c as absolute_lift,
        case when reason is null then sqrt(mean_variance_t + mean_variance_c) end
            as standard_error,
        case when reason is null then sqrt(log_variance_t + log_variance_c) end
            as log_standard_error,
        case
            when reason is null
                then {{ satterthwaite('mean_variance_t', 'df_t', 'mean_variance_c', 'df_c') }}
        end as degrees_of_freedom,
        case
            when reason is null
                then {{ satterthwaite('log_variance_t', 'df_t', 'log_variance_c', 'df_c') }}
        end as log_degrees_of_freedom
    from log_scaled
),

critical as (
    select
        *,
        absolute_lift / standard_error as t_statistic,
        {{ student_t_quantile('1 - alpha / 2', 'degrees_of_freedom') }} as critical_value,
        {{ student_t_quantile('1 - alpha / 2', 'log_degrees_of_freedom') }} as log_critical_value
    from errors
),

final as (
    select
        experiment_key,
        arm_key,
        metric_key,
        method,
        slice,
        mean_c as control_mean,
        mean_t as treatment_mean,
        absolute_lift,
        standard_error,
        degrees_of_freedom,
        absolute_lift - critical_value * standard_error as ci_low,
        absolute_lift + critical_value * standard_error as ci_high,
        {{ relative_lift('mean_t', 'mean_c') }} as relative_lift,
        {{ relative_lift_bound('mean_t', 'mean_c', 'log_standard_error', '-log_critical_value') }}
            as relative_ci_low,
        {{ relative_lift_bound('mean_t', 'mean_c', 'log_standard_error', 'log_critical_value') }}
            as relative_ci_high,
        {{ two_sided_p_value('t_statistic', 'degrees_of_freedom') }} as p_value,
        n_c as control_units,
        n_t as treatment_units,
        reason
    from critical
)

select * from final
