with

readouts as (select * from {{ ref('experiment_readouts') }}),

metrics as (
    -- What stands over a denominator is no number of conversions and no sum of money.
    select * from {{ ref('metrics') }}
    where denominator_metric_key is null
),

arm_spend as (select * from {{ ref('int_experiment_spend') }}),

long_windows as (select * from {{ ref('int_experiment_long_lifts') }}),

figures as (
    -- Over all treated units that have their outcome.
    select
        readouts.experiment_key,
        readouts.arm_key,
        readouts.metric_key,
        readouts.is_primary
        and metrics.aggregation in ('any', 'count')
        and metrics.desired_direction = 'increase' as is_conversion,
        metrics.value_column = 'order_amount'
        and metrics.aggregation = 'sum'
        and metrics.winsor_quantile is null as is_revenue,
        readouts.reason,
        readouts.treatment_units,
        readouts.absolute_lift * readouts.treatment_units as total,
        readouts.ci_low * readouts.treatment_units as total_ci_low,
        readouts.ci_high * readouts.treatment_units as total_ci_high,
        readouts.standard_error * readouts.treatment_units as total_error
    from readouts
    inner join metrics on readouts.metric_key = metrics.metric_key
),

conversions as (
    select * from figures
    where is_conversion
),

revenue_figures as (
    select
        *,
        row_number() over (
            partition by experiment_key, arm_key
            order by metric_key
        ) as metric_rank
    from figures
    where is_revenue
),

revenues as (
    select * from revenue_figures
    where metric_rank = 1
),

arms as (
    select
        experiment_key,
        arm_key,
        min(complete_at) as complete_at,
        bool_and(is_complete) as is_complete,
        min(case when verdict = 'invalid' then reason end) as invalid_reason
    from readouts
    group by experiment_key, arm_key
),

weighed as (
    select
        arms.experiment_key,
        arms.arm_key,
        arms.is_complete,
        conversions.metric_key as conversion_metric_key,
        revenues.metric_key as revenue_metric_key,
        coalesce(conversions.treatment_units, revenues.treatment_units) as treated_units,
        conversions.total as incremental_conversions,
        conversions.total_ci_low as incremental_conversions_ci_low,
        conversions.total_ci_high as incremental_conversions_ci_high,
        revenues.total as incremental_revenue,
        revenues.total_ci_low as incremental_revenue_ci_low,
        revenues.total_ci_high as incremental_revenue_ci_high,
        revenues.total_error as incremental_revenue_error,
        arm_spend.spend,
        arm_spend.spend_reason,
        case
            when conversions.metric_key is null
                then 'the primary metric counts no conversions that are wanted'
            when conversions.total is null then conversions.reason
        end as conversions_reason,
        case
            when revenues.metric_key is null
                then 'the experiment has no metric that is the sum of order_amount without a cap'
            when revenues.total is null then revenues.reason
        end as revenue_reason,
        case
            when not arms.is_complete
                then
                    'the last outcome window ends on '
                    || {{ in_words('cast(arms.complete_at as date)') }}
                    || '; until then there is spend on units without an outcome'
        end as waiting_reason,
        long_windows.control_units + long_windows.treatment_units as clv_units,
        long_windows.absolute_lift as clv_lift,
        long_windows.ci_low as clv_lift_ci_low,
        long_windows.ci_high as clv_lift_ci_high,
        coalesce(arms.invalid_reason, long_windows.reason) as clv_reason
    from arms
    inner join arm_spend
        on arms.experiment_key = arm_spend.experiment_key and arms.arm_key = arm_spend.arm_key
    inner join long_windows
        on
            arms.experiment_key = long_windows.experiment_key
            and arms.arm_key = long_windows.arm_key
    left join conversions
        on arms.experiment_key = conversions.experiment_key and arms.arm_key = conversions.arm_key
    left join revenues
        on arms.experiment_key = revenues.experiment_key and arms.arm_key = revenues.arm_key
),

reasoned as (
    select
        *,
        coalesce(
            conversions_reason,
            spend_reason,
            waiting_reason,
            {{ no_ratio_reason(
                'incremental_conversions_ci_low', 'incremental_conversions_ci_high'
            ) }}
        ) as cost_reason,
        coalesce(
            revenue_reason,
            spend_reason,
            waiting_reason,
            case when spend = 0 then 'nothing was spent' end
        ) as iroas_reason,
        coalesce(revenue_reason, spend_reason, waiting_reason) is null as is_weighed,
        ({{ var('gross_margin_share') }} * incremental_revenue - spend)
        / ({{ var('gross_margin_share') }} * incremental_revenue_error) as break_even_score
    from weighed
),

final as (
    select
        experiment_key,
        arm_key,
        is_complete,
        conversion_metric_key,
        revenue_metric_key,
        treated_units,
        incremental_conversions,
        incremental_conversions_ci_low,
        incremental_conversions_ci_high,
        incremental_revenue,
        incremental_revenue_ci_low,
        incremental_revenue_ci_high,
        spend,
        '{{ var("reporting_currency") }}' as currency_code,
        spend_reason,
        case when cost_reason is null then spend / incremental_conversions end
            as cost_per_incremental_conversion,
        case when cost_reason is null then spend / incremental_conversions_ci_high end
            as cost_per_incremental_conversion_ci_low,
        case when cost_reason is null then spend / incremental_conversions_ci_low end
            as cost_per_incremental_conversion_ci_high,
        cost_reason,
        case when iroas_reason is null then incremental_revenue / spend end as iroas,
        case when iroas_reason is null then incremental_revenue_ci_low / spend end as iroas_ci_low,
        case when iroas_reason is null then incremental_revenue_ci_high / spend end
            as iroas_ci_high,
        case when is_weighed then {{ normal_cdf('break_even_score') }} end
            as break_even_probability,
        iroas_reason,
        clv_units,
        case when clv_reason is null then clv_lift end as clv_lift_amount,
        case when clv_reason is null then clv_lift_ci_low end as clv_lift_ci_low,
        case when clv_reason is null then clv_lift_ci_high end as clv_lift_ci_high,
        clv_reason
    from reasoned
)

select * from final
