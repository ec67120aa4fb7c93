{{ config(access='private', schema='intermediate') }}

with

deviations as (
    select * from {{ ref('int_experiment_unit_deviations') }}
    where is_mature
),

arms as (select * from {{ ref('mart_experiment_arms') }}),

dated as (
    -- The first midnight at which its outcome window is complete.
    select
        *,
        case
            when outcome_ends_at > cast(cast(outcome_ends_at as date) as timestamp)
                then cast({{ dbt.dateadd('day', 1, 'outcome_ends_at') }} as date)
            else cast(outcome_ends_at as date)
        end as as_of_date
    from deviations
),

days as (
    -- On which a figure can have changed.
    select experiment_key, metric_key, as_of_date
    from dated
    group by experiment_key, metric_key, as_of_date
),

daily as (
    select
        experiment_key,
        metric_key,
        arm_key,
        as_of_date,
        count(*) as unit_count,
        {{ stable_sum('outcome') }} as outcome_sum,
        max(outcome_range) as outcome_range,
        min(outcome) as outcome_lowest,
        max(outcome) as outcome_highest,
        {{ deviation_sum('outcome_deviation') }} as deviation_sum,
        {{ deviation_sum('outcome_deviation * outcome_deviation') }} as square_sum
    from dated
    group by experiment_key, metric_key, arm_key, as_of_date
),

running as (
    -- Every arm has a row on every day, also one whose units come later.
    select
        days.experiment_key,
        days.metric_key,
        arms.arm_key,
        arms.is_control,
        days.as_of_date,
        cast(coalesce(sum(daily.unit_count) over until_then, 0) as bigint) as unit_count,
        {{ stable_sum('daily.outcome_sum', over='until_then') }} as outcome_sum,
        max(daily.outcome_range) over until_then as outcome_range,
        min(daily.outcome_lowest) over until_then as outcome_lowest,
        max(daily.outcome_highest) over until_then as outcome_highest,
        cast(sum(daily.deviation_sum) over until_then as double) as deviation_sum,
        cast(sum(daily.square_sum) over until_then as double) as square_sum
    from days
    inner join arms on days.experiment_key = arms.experiment_key
    left join daily
        on
            days.experiment_key = daily.experiment_key
            and days.metric_key = daily.metric_key
            and days.as_of_date = daily.as_of_date
            and arms.arm_key = daily.arm_key
    window until_then as (
        partition by days.experiment_key, days.metric_key, arms.arm_key
        order by days.as_of_date
    )
),

final as (
    select
        experiment_key,
        metric_key,
        arm_key,
        is_control,
        as_of_date,
        unit_count,
        outcome_sum / nullif(unit_count, 0) as outcome_mean,
        {{ covariance_from_sums(
            'square_sum', 'deviation_sum', 'deviation_sum', 'unit_count',
            'case when outcome_lowest < outcome_highest'
            ~ ' then outcome_range * outcome_range else 0 end'
        ) }} as outcome_variance
    from running
)

select * from final
