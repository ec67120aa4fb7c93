{{ config(access='private', schema='intermediate') }}

with

outcomes as (select * from {{ ref('experiment_unit_outcomes') }}),

centres as (
    -- As for outcomes: against the mean of all arms, in units of their range.
    select
        experiment_key,
        metric_key,
        {{ stable_sum('covariate_value') }} / count(*) as centre,
        max(covariate_value) - min(covariate_value) as value_range
    from outcomes
    group by experiment_key, metric_key
),

deviations as (
    select
        outcomes.experiment_key,
        outcomes.metric_key,
        outcomes.arm_key,
        outcomes.is_control,
        outcomes.covariate_value,
        (outcomes.covariate_value - centres.centre) / centres.value_range as deviation
    from outcomes
    inner join centres
        on
            outcomes.experiment_key = centres.experiment_key
            and outcomes.metric_key = centres.metric_key
    -- A covariate that is the same for everybody balances whatever happens.
    where centres.value_range > 0
),

sums as (
    select
        experiment_key,
        metric_key,
        arm_key,
        is_control,
        count(*) as unit_count,
        cast({{ deviation_sum('deviation') }} as double) as deviation_sum,
        cast({{ deviation_sum('deviation * deviation') }} as double) as square_sum,
        min(covariate_value) = max(covariate_value) as is_constant
    from deviations
    group by experiment_key, metric_key, arm_key, is_control
),

arm_statistics as (
    select
        experiment_key,
        metric_key,
        arm_key,
        is_control,
        unit_count,
        deviation_sum / unit_count as scaled_mean,
        case
            when is_constant then 0
            else square_sum - deviation_sum * deviation_sum / unit_count
        end / nullif(unit_count - 1, 0) as scaled_variance
    from sums
),

compared as (
    select
        treatment.experiment_key,
        treatment.metric_key,
        treatment.arm_key,
        control.unit_count as n_c,
        treatment.unit_count as n_t,
        control.scaled_variance as var_c,
        treatment.scaled_variance as var_t,
        treatment.scaled_mean - control.scaled_mean as difference,
        {{ welch_standard_error(
            'treatment.scaled_variance', 'treatment.unit_count',
            'control.scaled_variance', 'control.unit_count'
        ) }} as standard_error,
        {{ welch_degrees_of_freedom(
            'treatment.scaled_variance', 'treatment.unit_count',
            'control.scaled_variance', 'control.unit_count'
        ) }} as degrees_of_freedom
    from arm_statistics as treatment
    inner join arm_statistics as control
        on
            treatment.experiment_key = control.experiment_key
            and treatment.metric_key = control.metric_key
            and control.is_control
    where not treatment.is_control
),

standardised as (
    select
        *,
        difference / standard_error as t_statistic,
        difference / nullif(sqrt((var_c + var_t) / 2), 0) as standardised_difference
    from compared
),

final as (
    select
        experiment_key,
        metric_key,
        arm_key,
        n_c as control_units,
        n_t as treatment_units,
        standardised_difference,
        {{ two_sided_p_value('t_statistic', 'degrees_of_freedom') }} as p_value
    from standardised
)

select * from final
