{{ config(access='private', schema='intermediate') }}

with

comparisons as (
    select * from {{ ref('int_experiment_comparisons') }}
    where population = 'all' and slice = 'all' and stratum <> 'all'
),

named as (
    -- The frames of a part of the units: `<dimension>:<value>`.
    select
        experiment_key,
        arm_key,
        metric_key,
        split_part(stratum, ':', 1) as dimension,
        substr(stratum, length(split_part(stratum, ':', 1)) + 2) as dimension_value,
        alpha,
        n_c,
        n_t,
        outcome_mean_c,
        outcome_mean_t,
        outcome_variance_c,
        outcome_variance_t
    from comparisons
),

judged as (
    select
        *,
        coalesce(
            -- Accounts, units of another system, rows older than the column: no slice by it.
            case
                when dimension_value = 'not recorded'
                    then 'the ledger does not know their ' || dimension || ' at the assignment'
            end,
            {{ empty_arm_reason('n_c', 'n_t') }},
            {{ small_arm_reason('n_c', 'n_t') }},
            case
                when outcome_variance_c + outcome_variance_t is null
                    then 'the statistics that are remembered do not tell'
                when outcome_variance_c + outcome_variance_t = 0 then 'neither arm varies'
            end
        ) as reason
    from named
),

errors as (
    select
        *,
        outcome_mean_t - outcome_mean_c as absolute_lift,
        case
            when reason is null
                then {{ welch_standard_error(
                    'outcome_variance_t', 'n_t', 'outcome_variance_c', 'n_c'
                ) }}
        end as standard_error,
        {{ welch_degrees_of_freedom('outcome_variance_t', 'n_t', 'outcome_variance_c', 'n_c') }}
            as degrees_of_freedom
    from judged
),

critical as (
    select
        *,
        absolute_lift / standard_error as t_statistic,
        {{ student_t_quantile('1 - alpha / 2', 'degrees_of_freedom') }} as critical_value
    from errors
),

final as (
    select
        experiment_key,
        arm_key,
        metric_key,
        dimension,
        dimension_value,
        alpha,
        outcome_mean_c as control_mean,
        outcome_mean_t as treatment_mean,
        absolute_lift,
        standard_error,
        absolute_lift - critical_value * standard_error as ci_low,
        absolute_lift + critical_value * standard_error as ci_high,
        {{ two_sided_p_value('t_statistic', 'degrees_of_freedom') }} as p_value,
        n_c as control_units,
        n_t as treatment_units,
        reason
    from critical
)

select * from final
