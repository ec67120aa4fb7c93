{{ config(access='private', schema='intermediate') }}

with

results as (
    select * from {{ ref('experiment_results') }}
    where slice = 'all'
),

experiments as (select * from {{ ref('mart_experiments') }}),

arms as (select * from {{ ref('mart_experiment_arms') }}),

metrics as (select * from {{ ref('metrics') }}),

units as (select * from {{ ref('int_experiment_units') }}),

failures as (select * from {{ ref('int_experiment_failures') }}),

treatment_counts as (
    select experiment_key, count(*) as treatment_count
    from arms
    where not is_control
    group by experiment_key
),

last_windows as (
    select experiment_key, max(outcome_ends_at) as last_window_ends_at
    from units
    group by experiment_key
),

planned as (
    -- Until it ends, or a batch is taken, the last unit may still come in at the last moment.
    select
        experiments.*,
        treatment_counts.treatment_count,
        failures.failure_text,
        case
            when experiments.status = 'ended'
                then
                    greatest(
                        experiments.ends_at,
                        coalesce(last_windows.last_window_ends_at, experiments.ends_at)
                    )
            when experiments.enrolment = 'batch' and last_windows.last_window_ends_at is not null
                then last_windows.last_window_ends_at
            else
                {{ dbt.dateadd(
                    'day', 'experiments.outcome_window_days', 'experiments.ends_at'
                ) }}
        end as complete_at
    from experiments
    inner join treatment_counts on experiments.experiment_key = treatment_counts.experiment_key
    left join last_windows on experiments.experiment_key = last_windows.experiment_key
    left join failures on experiments.experiment_key = failures.experiment_key
),

covariates as (
    -- One that varies before the assignment, among units enough, of an outcome that varies: which lift
    -- comes out, and how sure it is, decides nothing here.
    select
        experiment_key,
        arm_key,
        metric_key,
        coalesce(bool_or(method = 'cuped'), false) as has_covariate,
        coalesce(bool_or(method = 'ratio_cuped'), false) as has_ratio_covariate
    from results
    where
        method in ('cuped', 'ratio_cuped')
        and reason is null
        and control_units + treatment_units >= 50
    group by experiment_key, arm_key, metric_key
),

asked as (
    -- One method for each kind of metric, named before anything is known: no second try.
    select
        results.experiment_key,
        results.arm_key,
        results.metric_key,
        results.metric_key = planned.primary_metric_key as is_primary,
        planned.alpha,
        planned.planned_relative_lift,
        planned.treatment_count,
        planned.failure_text,
        planned.complete_at,
        planned.complete_at <= {{ as_of() }} as is_complete,
        metrics.desired_direction,
        metrics.denominator_metric_key is not null as is_ratio,
        case
            when planned.complete_at > {{ as_of() }} then 'sequential'
            when metrics.denominator_metric_key is not null
                then case when covariates.has_ratio_covariate then 'ratio_cuped' else 'ratio' end
            when covariates.has_covariate then 'cuped'
            when metrics.aggregation = 'any' then 'proportion'
            else 'itt'
        end as method
    from results
    inner join planned on results.experiment_key = planned.experiment_key
    inner join metrics on results.metric_key = metrics.metric_key
    left join covariates
        on
            results.experiment_key = covariates.experiment_key
            and results.arm_key = covariates.arm_key
            and results.metric_key = covariates.metric_key
    where results.method = 'itt'
),

answered as (
    -- The primary metric has the experiment's alpha to itself, shared by its arms (Bonferroni); the
    -- others stand behind Benjamini and Hochberg. The sequential interval is about means of units, so
    -- that a ratio has none before its time. A lift without an interval is no finding.
    select
        asked.*,
        results.control_mean,
        case when results.ci_low is not null then results.absolute_lift end as absolute_lift,
        results.standard_error,
        results.ci_low,
        results.ci_high,
        case when results.ci_low is not null then results.relative_lift end as relative_lift,
        results.relative_ci_low,
        results.relative_ci_high,
        results.relative_reason,
        results.p_value,
        case
            when asked.is_primary and results.p_value * asked.treatment_count > 1 then 1
            when asked.is_primary then results.p_value * asked.treatment_count
            else results.p_value_adjusted
        end as p_value_decisive,
        results.control_units,
        results.treatment_units,
        case
            when asked.is_ratio and not asked.is_complete
                then 'a ratio has no interval that may be looked at every day'
            else results.reason
        end as no_figure_reason,
        case when asked.desired_direction = 'decrease' then -1 else 1 end as wanted_sign,
        case when asked.is_primary then asked.alpha / asked.treatment_count else asked.alpha end
            as power_alpha
    from asked
    left join results
        on
            asked.experiment_key = results.experiment_key
            and asked.arm_key = results.arm_key
            and asked.metric_key = results.metric_key
            and asked.method = results.method
            and not (asked.is_ratio and not asked.is_complete)
),

weighed as (
    -- How often the planned lift would have been found with the error that there is.
    select
        *,
        {{ normal_quantile('1 - power_alpha / 2') }} as power_critical,
        case
            when control_mean > 0 then abs(planned_relative_lift) * control_mean / standard_error
        end as planned_score
    from answered
),

powered as (
    select
        *,
        power_critical - planned_score as near_end,
        power_critical + planned_score as far_end
    from weighed
),

final as (
    select
        experiment_key,
        arm_key,
        metric_key,
        is_primary,
        case
            when failure_text is not null then 'invalid'
            when
                p_value_decisive <= alpha and (ci_low > 0 or ci_high < 0)
                then case when absolute_lift * wanted_sign > 0 then 'positive' else 'negative' end
            when not is_complete then 'too_early'
            else 'inconclusive'
        end as verdict,
        method,
        complete_at,
        is_complete,
        desired_direction,
        absolute_lift,
        standard_error,
        ci_low,
        ci_high,
        relative_lift,
        relative_ci_low,
        relative_ci_high,
        relative_reason,
        p_value,
        p_value_decisive,
        alpha,
        planned_relative_lift,
        {{ normal_upper_tail('near_end') }} + {{ normal_upper_tail('far_end') }} as planned_power,
        treatment_count,
        control_units,
        treatment_units,
        failure_text,
        no_figure_reason
    from powered
)

select * from final
