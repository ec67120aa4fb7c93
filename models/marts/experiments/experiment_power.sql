{#- Stands above the ledger: an experiment is judged before it takes a unit. -#}
with

outlooks as (select * from {{ ref('int_experiment_outlooks') }}),

experiments as (select * from {{ ref('mart_experiments') }}),

experiment_metrics as (select * from {{ ref('experiment_metrics') }}),

metrics as (select * from {{ ref('metrics') }}),

prospects as (select * from {{ ref('int_experiment_prospects') }}),

baselines as (select * from {{ ref('int_experiment_baselines') }}),

inflows as (select * from {{ ref('int_experiment_inflows') }}),

candidates as (
    -- Today's members in the slice: those whom the largest planned share of it would take, and those
    -- of them whom the share so far did not.
    select
        outlooks.experiment_key,
        count(*) as candidate_units,
        count(*) filter (where prospects.stage_position >= outlooks.reached_share) as waiting_units
    from outlooks
    inner join prospects on outlooks.experiment_key = prospects.experiment_key
    where prospects.is_member and prospects.is_enrolled
    group by outlooks.experiment_key
),

sizes as (
    select
        outlooks.*,
        inflows.inflow_per_day,
        inflows.inflow_basis,
        inflows.observed_days,
        case
            when outlooks.is_launch then coalesce(candidates.candidate_units, 0)
            else outlooks.assigned_units
        end as current_units,
        case
            when outlooks.enrolment = 'batch' or outlooks.is_launch then 0
            else coalesce(candidates.waiting_units, 0)
        end as waiting_units
    from outlooks
    inner join inflows on outlooks.experiment_key = inflows.experiment_key
    left join candidates on outlooks.experiment_key = candidates.experiment_key
),

planned as (
    -- Where the inflow is not known, nobody is counted who is not there yet.
    select
        *,
        current_units + waiting_units
        + cast(floor(coalesce(inflow_per_day, 0) * greatest(coalesce(days_left, 0), 0)) as bigint)
            as planned_units
    from sizes
),

joined as (
    select
        planned.*,
        experiment_metrics.metric_key,
        experiment_metrics.metric_key = experiments.primary_metric_key as is_primary,
        experiments.planned_relative_lift,
        coalesce(baselines.unit_count, 0) as baseline_units,
        baselines.baseline_basis,
        baselines.baseline_mean,
        baselines.standard_deviation,
        baselines.covariate_correlation,
        baselines.baseline_mean * experiments.planned_relative_lift as planned_effect,
        case
            when coalesce(baselines.unit_count, 0) < 20 then 'too_few_units'
            when not baselines.standard_deviation > 0 then 'nothing_varies'
            when not baselines.baseline_mean > 0 then 'mean_not_positive'
        end as mde_reason,
        -- The variance of a rate grows with it, and falls where it is to fall.
        case
            when metrics.aggregation = 'any' and metrics.denominator_metric_key is null
                then (1 - 2 * baselines.baseline_mean) * sign(experiments.planned_relative_lift)
        end as variance_slope,
        {{ power_quantiles('experiments.alpha', 'experiments.power') }} as quantiles
    from planned
    inner join experiments on planned.experiment_key = experiments.experiment_key
    inner join experiment_metrics on planned.experiment_key = experiment_metrics.experiment_key
    inner join metrics on experiment_metrics.metric_key = metrics.metric_key
    left join baselines
        on
            planned.experiment_key = baselines.experiment_key
            and experiment_metrics.metric_key = baselines.metric_key
),

judged as (
    -- Nothing is said from fewer units than say something.
    select
        *,
        case when mde_reason is null then standard_deviation end as sigma
    from joined
),

effects as (
    select
        *,
        {{ minimum_detectable_effect(
            'quantiles', 'sigma', 'current_units * control_share',
            'current_units * treatment_share', variance_slope='variance_slope'
        ) }} as mde_absolute_current,
        {{ minimum_detectable_effect(
            'quantiles', 'sigma', 'current_units * control_share',
            'current_units * treatment_share', 'covariate_correlation', 'variance_slope'
        ) }} as mde_absolute_current_cuped,
        {{ minimum_detectable_effect(
            'quantiles', 'sigma', 'planned_units * control_share',
            'planned_units * treatment_share', variance_slope='variance_slope'
        ) }} as mde_absolute,
        {{ minimum_detectable_effect(
            'quantiles', 'sigma', 'planned_units * control_share',
            'planned_units * treatment_share', 'covariate_correlation', 'variance_slope'
        ) }} as mde_absolute_cuped,
        {{ units_needed(
            'quantiles', 'sigma', 'planned_effect', 'control_share', 'treatment_share',
            variance_slope='variance_slope'
        ) }} as units_needed,
        {{ units_needed(
            'quantiles', 'sigma', 'planned_effect', 'control_share', 'treatment_share',
            'covariate_correlation', 'variance_slope'
        ) }} as units_needed_cuped
    from judged
),

dated as (
    select
        *,
        mde_absolute / baseline_mean as mde_relative,
        case
            when units_needed <= current_units + waiting_units then 0
            when units_needed > 0 and inflow_per_day > 0
                then
                    least(
                        ceil((units_needed - current_units - waiting_units) / inflow_per_day),
                        9e15
                    )
        end as days_needed,
        case
            when units_needed_cuped <= current_units + waiting_units then 0
            when units_needed_cuped > 0 and inflow_per_day > 0
                then
                    least(
                        ceil((units_needed_cuped - current_units - waiting_units) / inflow_per_day),
                        9e15
                    )
        end as days_needed_cuped,
        coalesce(mde_reason, case when mde_absolute is null then 'no_units' end)
            as final_mde_reason
    from effects
),

final as (
    select
        experiment_key,
        metric_key,
        is_primary,
        status,
        is_launch,
        unit_type,
        arm_key,
        control_share,
        treatment_share,
        baseline_basis,
        cast(baseline_units as bigint) as baseline_units,
        baseline_mean,
        standard_deviation,
        covariate_correlation,
        cast(current_units as bigint) as current_units,
        inflow_per_day,
        inflow_basis,
        cast(observed_days as bigint) as observed_days,
        cast(planned_units as bigint) as planned_units,
        mde_absolute_current,
        mde_absolute_current / baseline_mean as mde_relative_current,
        mde_absolute_current_cuped,
        mde_absolute_current_cuped / baseline_mean as mde_relative_current_cuped,
        mde_absolute,
        mde_relative,
        mde_absolute_cuped,
        mde_absolute_cuped / baseline_mean as mde_relative_cuped,
        planned_relative_lift,
        units_needed,
        units_needed_cuped,
        cast(days_needed as bigint) as days_needed,
        cast(days_needed_cuped as bigint) as days_needed_cuped,
        coalesce(abs(planned_relative_lift) < mde_relative, false) as is_underpowered,
        final_mde_reason as mde_reason,
        case
            when units_needed is null then 'units_needed_unknown'
            when days_needed is null then inflow_basis
        end as days_reason,
        case final_mde_reason
            when 'too_few_units'
                then
                    'Nothing can be said of ' || metric_key || ': the past of '
                    || {{ number_text('baseline_units') }} || ' units is known, and 20 are the'
                    || ' least to judge by.'
            when 'nothing_varies'
                then
                    'Nothing can be said of ' || metric_key || ': all '
                    || {{ number_text('baseline_units') }} || ' units had the same value.'
            when 'mean_not_positive'
                then
                    'Nothing can be said of ' || metric_key || ': its mean is not above zero, so'
                    || ' there is no relative change.'
            when 'no_units'
                then
                    'Nothing can be said of ' || metric_key || ': there is no unit for each arm.'
            else
                {{ number_text('planned_units') }} || ' units'
                || case when inflow_per_day is null then ', those of today,' else '' end
                || ' can show a change of ' || metric_key || ' by '
                || {{ percent_text('mde_relative') }} || ' or more; '
                || {{ percent_text('planned_relative_lift') }} || ' is planned'
                || case
                    when abs(planned_relative_lift) < mde_relative
                        then
                            ' and takes ' || {{ number_text('units_needed') }} || ' units'
                            || coalesce(
                                ' (' || {{ number_text('days_needed') }} || ' days)', ''
                            )
                    else ''
                end
                || '.'
        end
        || case
            when baseline_basis = 'members' then ' Judged by members of today, which can mislead.'
            else ''
        end as reading
    from dated
)

select * from final
