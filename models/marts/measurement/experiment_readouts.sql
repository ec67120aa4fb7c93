with

verdicts as (select * from {{ ref('int_experiment_verdicts') }}),

adjusted as (
    select
        *,
        case
            when is_primary and treatment_count > 1
                then ', Bonferroni over ' || {{ number_text('treatment_count') }} || ' arms,'
            when is_primary then ''
            else ', after Benjamini-Hochberg,'
        end as adjustment_text,
        cast(cast(complete_at as date) as {{ dbt.type_string() }}) as complete_text
    from verdicts
),

worded as (
    select
        *,
        {{ signed_text('ci_low') }} || ' to ' || {{ signed_text('ci_high') }} as interval_text,
        'p ' || {{ decimal_text('p_value_decisive', 3) }} || adjustment_text || ' against '
        || {{ decimal_text('alpha', 3) }} as p_text
    from adjusted
),

final as (
    select
        experiment_key,
        arm_key,
        metric_key,
        is_primary,
        verdict,
        case
            when verdict = 'invalid' then 'Not to be read: ' || failure_text || '.'
            when verdict in ('positive', 'negative')
                then
                    metric_key
                    || case when absolute_lift > 0 then ' rises by ' else ' falls by ' end
                    || {{ signed_text('absolute_lift') }} || ', ' || interval_text
                    || ' (' || method || '; ' || p_text || '); '
                    || case when desired_direction = 'decrease' then 'a fall' else 'a rise' end
                    || ' is wanted.'
                    || case
                        when not is_complete
                            then
                                ' Said before the last outcome window ends on ' || complete_text
                                || ', by the interval that may be looked at every day.'
                        else ''
                    end
            when verdict = 'too_early'
                then
                    'The last outcome window ends on ' || complete_text || '; until then '
                    || coalesce(
                        no_figure_reason,
                        'anything from ' || interval_text || ' is possible (sequential; '
                        || p_text || ')'
                    ) || '.'
            when no_figure_reason is not null then 'No figure: ' || no_figure_reason || '.'
            else
                'Anything from ' || interval_text || ' is still possible (' || method
                || coalesce('; ' || p_text, '') || '). '
                || case
                    when ci_low > 0 or ci_high < 0
                        then 'Zero is out only while the number of comparisons does not count. '
                    else ''
                end
                || coalesce(
                    'A lift of ' || {{ percent_text('planned_relative_lift') }}
                    || ', as planned, would have been found in '
                    || {{ percent_text('planned_power') }} || ' of cases.',
                    'What would have been found cannot be said: the mean of control is not above'
                    || ' zero, or nothing varies.'
                )
        end as reason,
        method,
        complete_at,
        is_complete,
        case when verdict <> 'invalid' then absolute_lift end as absolute_lift,
        case when verdict <> 'invalid' then standard_error end as standard_error,
        case when verdict <> 'invalid' then ci_low end as ci_low,
        case when verdict <> 'invalid' then ci_high end as ci_high,
        case when verdict <> 'invalid' then relative_lift end as relative_lift,
        case when verdict <> 'invalid' then relative_ci_low end as relative_ci_low,
        case when verdict <> 'invalid' then relative_ci_high end as relative_ci_high,
        case
            when verdict = 'invalid' then 'a check of experiment_health fails'
            else coalesce(no_figure_reason, relative_reason)
        end as relative_reason,
        case when verdict <> 'invalid' then p_value end as p_value,
        case when verdict <> 'invalid' then p_value_decisive end as p_value_decisive,
        alpha,
        planned_relative_lift,
        case when verdict <> 'invalid' then planned_power end as planned_power,
        control_units,
        treatment_units
    from worded
)

select * from final
