with

statistics as (select * from {{ ref('int_experiment_statistics') }}),

experiments as (select * from {{ ref('mart_experiments') }}),

failed_checks as (
    select
        experiment_key,
        {{ dbt.listagg('check_name', "', '", 'order by check_name') }} as check_names
    from {{ ref('experiment_health') }}
    where status = 'fail'
    group by experiment_key
),

compared as (
    select
        treatment.experiment_key,
        treatment.arm_key,
        treatment.metric_key,
        case treatment.population when 'all' then 'itt' else 'itt_unmerged' end as method,
        treatment.slice,
        experiments.alpha,
        control.unit_count as n_c,
        control.outcome_mean as mean_c,
        control.outcome_variance as var_c,
        treatment.unit_count as n_t,
        treatment.outcome_mean as mean_t,
        treatment.outcome_variance as var_t
    from statistics as treatment
    inner join statistics as control
        on
            treatment.experiment_key = control.experiment_key
            and treatment.metric_key = control.metric_key
            and treatment.population = control.population
            and treatment.slice = control.slice
            and control.is_control
    inner join experiments on treatment.experiment_key = experiments.experiment_key
    where not treatment.is_control
),

log_scaled as (
    -- A relative lift is judged on the log scale, where the ratio of two means is nearly normal.
    select
        *,
        {{ log_ratio_variance('mean_c', 'var_c') }} as log_var_c,
        {{ log_ratio_variance('mean_t', 'var_t') }} as log_var_t
    from compared
),

errors as (
    select
        *,
        mean_t - mean_c as absolute_lift,
        {{ welch_standard_error('var_t', 'n_t', 'var_c', 'n_c') }} as standard_error,
        {{ welch_degrees_of_freedom('var_t', 'n_t', 'var_c', 'n_c') }} as degrees_of_freedom,
        {{ welch_standard_error('log_var_t', 'n_t', 'log_var_c', 'n_c') }} as log_standard_error,
        {{ welch_degrees_of_freedom('log_var_t', 'n_t', 'log_var_c', 'n_c') }}
            as log_degrees_of_freedom
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

judged as (
    select
        *,
        {{ two_sided_p_value('t_statistic', 'degrees_of_freedom') }} as p_value
    from critical
),

ranked as (
    select
        *,
        count(p_value) over (partition by experiment_key, method, slice) as comparison_count,
        row_number() over (
            partition by experiment_key, method, slice
            order by p_value nulls last, metric_key, arm_key
        ) as p_value_rank
    from judged
),

adjusted as (
    -- Benjamini-Hochberg over all comparisons of the experiment by one method.
    select
        *,
        least(
            min(p_value * comparison_count / p_value_rank) over (
                partition by experiment_key, method, slice
                order by p_value_rank desc
                rows between unbounded preceding and current row
            ),
            1
        ) as p_value_adjusted
    from ranked
),

final as (
    select
        adjusted.experiment_key,
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
        p_value,
        case when p_value is not null then p_value_adjusted end as p_value_adjusted,
        n_c as control_units,
        n_t as treatment_units,
        failed_checks.experiment_key is null as is_readable,
        failed_checks.check_names as failed_checks
    from adjusted
    left join failed_checks on adjusted.experiment_key = failed_checks.experiment_key
)

select * from final
