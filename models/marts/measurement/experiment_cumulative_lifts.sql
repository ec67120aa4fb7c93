with

statistics as (select * from {{ ref('int_experiment_daily_statistics') }}),

experiments as (select * from {{ ref('mart_experiments') }}),

results as (
    select * from {{ ref('experiment_results') }}
    where method = 'itt' and slice = 'all'
),

compared as (
    select
        treatment.experiment_key,
        treatment.arm_key,
        treatment.metric_key,
        treatment.as_of_date,
        experiments.alpha,
        cast(
            {{ dbt.datediff('experiments.starts_at', 'treatment.as_of_date', 'day') }} as bigint
        ) as days_since_start,
        control.unit_count as control_units,
        treatment.unit_count as treatment_units,
        control.outcome_mean as control_mean,
        treatment.outcome_mean as treatment_mean,
        {{ welch_standard_error(
            'treatment.outcome_variance', 'treatment.unit_count',
            'control.outcome_variance', 'control.unit_count'
        ) }} as standard_error,
        {{ welch_degrees_of_freedom(
            'treatment.outcome_variance', 'treatment.unit_count',
            'control.outcome_variance', 'control.unit_count'
        ) }} as degrees_of_freedom
    from statistics as treatment
    inner join statistics as control
        on
            treatment.experiment_key = control.experiment_key
            and treatment.metric_key = control.metric_key
            and treatment.as_of_date = control.as_of_date
            and control.is_control
    inner join experiments on treatment.experiment_key = experiments.experiment_key
    where not treatment.is_control
),

scaled as (
    -- How far each of the two intervals reaches.
    select
        *,
        case when standard_error is not null then treatment_mean - control_mean end
            as absolute_lift,
        {{ student_t_quantile('1 - alpha / 2', 'degrees_of_freedom') }} * standard_error
            as fixed_reach,
        {{ sequential_spread('control_units + treatment_units', 'alpha') }} as spread
    from compared
),

reached as (
    select
        *,
        {{ sequential_reach('spread', 'alpha') }} * standard_error as reach
    from scaled
),

final as (
    select
        reached.experiment_key,
        reached.arm_key,
        reached.metric_key,
        reached.as_of_date,
        reached.days_since_start,
        reached.control_units,
        reached.treatment_units,
        reached.control_mean,
        reached.treatment_mean,
        reached.absolute_lift,
        reached.absolute_lift - reached.reach as ci_low,
        reached.absolute_lift + reached.reach as ci_high,
        reached.absolute_lift - reached.fixed_reach as fixed_ci_low,
        reached.absolute_lift + reached.fixed_reach as fixed_ci_high,
        case
            when reached.standard_error is null
                then
                    coalesce(
                        {{ empty_arm_reason('reached.control_units', 'reached.treatment_units') }},
                        {{ small_arm_reason('reached.control_units', 'reached.treatment_units') }},
                        'neither arm varies'
                    )
        end as reason,
        max(reached.control_units + reached.treatment_units) over (
            partition by reached.experiment_key, reached.arm_key, reached.metric_key
        ) = results.control_units + results.treatment_units as is_as_in_result,
        results.is_readable
    from reached
    inner join results
        on
            reached.experiment_key = results.experiment_key
            and reached.arm_key = results.arm_key
            and reached.metric_key = results.metric_key
)

select * from final
