with

failures as (select * from {{ ref('int_experiment_failures') }}),

lifts as (
    -- One model an estimator, all of one shape; those of the means of two arms stand together.
    select * from {{ ref('int_lift_welch') }}
    union all
    select * from {{ ref('int_lift_proportion') }}
    union all
    select * from {{ ref('int_lift_sequential') }}
    union all
    select * from {{ ref('int_lift_cace') }}
),

ranked as (
    select
        *,
        count(p_value) over (partition by experiment_key, method, slice) as comparison_count,
        row_number() over (
            partition by experiment_key, method, slice
            order by p_value nulls last, metric_key, arm_key
        ) as p_value_rank
    from lifts
),

adjusted as (
    -- Over all comparisons of the experiment by one method.
    select
        *,
        {{ benjamini_hochberg('experiment_key, method, slice') }} as p_value_adjusted
    from ranked
),

final as (
    select
        adjusted.experiment_key,
        adjusted.arm_key,
        adjusted.metric_key,
        adjusted.method,
        adjusted.slice,
        adjusted.control_mean,
        adjusted.treatment_mean,
        adjusted.absolute_lift,
        adjusted.standard_error,
        adjusted.degrees_of_freedom,
        adjusted.ci_low,
        adjusted.ci_high,
        adjusted.relative_lift,
        adjusted.relative_ci_low,
        adjusted.relative_ci_high,
        adjusted.p_value,
        adjusted.p_value_adjusted,
        adjusted.control_units,
        adjusted.treatment_units,
        adjusted.slice = 'early' as is_early,
        adjusted.reason,
        case
            when adjusted.relative_ci_low is not null then null
            when adjusted.reason is not null then adjusted.reason
            when adjusted.method = 'cace' then 'the method compares no means'
            when not adjusted.control_mean > 0 then 'the mean of control is not above zero'
            when not adjusted.treatment_mean > 0 then 'the mean of the arm is not above zero'
            when adjusted.method in ('proportion', 'sequential')
                then 'the method has no interval of the relative lift'
            else 'a mean is too near zero to divide by'
        end as relative_reason,
        failures.experiment_key is null as is_readable,
        failures.check_names as failed_checks
    from adjusted
    left join failures on adjusted.experiment_key = failures.experiment_key
)

select * from final
