{{ config(access='private', schema='intermediate') }}

with

lifts as (
    select * from {{ ref('int_lift_welch') }}
    where method = 'itt'
),

experiments as (select * from {{ ref('mart_experiments') }}),

tuned as (
    select
        lifts.*,
        experiments.alpha,
        {{ sequential_spread('lifts.control_units + lifts.treatment_units', 'experiments.alpha') }}
            as spread
    from lifts
    inner join experiments on lifts.experiment_key = experiments.experiment_key
),

judged as (
    select
        *,
        {{ sequential_reach('spread', 'alpha') }} as reach,
        {{ sequential_p_value('spread', '(absolute_lift / standard_error)') }} as sequential_p_value
    from tuned
    where standard_error is not null
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
