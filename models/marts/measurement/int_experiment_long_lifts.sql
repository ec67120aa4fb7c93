{{ config(access='protected', schema='intermediate') }}
{%- set window_days = var('clv_window_days') %}

with

old_units as (
    select
        *,
        not {{ is_past_retention('shop/orders', 'assigned_at') }} as is_held
    from {{ ref('int_experiment_units') }}
    where {{ dbt.dateadd('day', window_days, 'assigned_at') }} <= {{ as_of() }}
),

unit_customers as (select * from {{ ref('int_experiment_unit_customers') }}),

treatment_arms as (
    select * from {{ ref('mart_experiment_arms') }}
    where not is_control
),

experiments as (
    select * from {{ ref('mart_experiments') }}
    where status <> 'planned'
),

customer_orders as (select * from {{ ref('int_customer_orders') }}),

units as (
    -- Of one whose first orders have left with their retention the figure would be too small.
    select * from old_units
    where is_held
),

left_units as (
    select experiment_key
    from old_units
    where not is_held
    group by experiment_key
),

unit_orders as (
    select
        units.experiment_key,
        units.unit_id,
        {{ stable_sum('customer_orders.reporting_amount') }} as revenue_amount
    from units
    inner join unit_customers
        on
            units.experiment_key = unit_customers.experiment_key
            and units.unit_id = unit_customers.unit_id
    inner join customer_orders
        on
            unit_customers.customer_id = customer_orders.customer_id
            and customer_orders.ordered_at >= units.assigned_at
            and customer_orders.ordered_at
            < {{ dbt.dateadd('day', window_days, 'units.assigned_at') }}
    group by units.experiment_key, units.unit_id
),

unit_values as (
    select
        units.experiment_key,
        units.arm_key,
        units.is_control,
        coalesce(unit_orders.revenue_amount, 0) as revenue_amount
    from units
    left join unit_orders
        on
            units.experiment_key = unit_orders.experiment_key
            and units.unit_id = unit_orders.unit_id
),

arms as (
    select
        experiment_key,
        arm_key,
        {{ stable_sum('revenue_amount') }} / count(*) as mean,
        max(revenue_amount) - min(revenue_amount) as amount_range
    from unit_values
    group by experiment_key, arm_key
),

deviations as (
    -- Against the mean of the arm and in units of its range, so that squares keep their digits.
    select
        unit_values.experiment_key,
        unit_values.arm_key,
        unit_values.is_control,
        arms.mean,
        arms.amount_range,
        coalesce((unit_values.revenue_amount - arms.mean) / nullif(arms.amount_range, 0), 0)
            as deviation
    from unit_values
    inner join arms
        on
            unit_values.experiment_key = arms.experiment_key
            and unit_values.arm_key = arms.arm_key
),

arm_values as (
    select
        experiment_key,
        arm_key,
        is_control,
        count(*) as n,
        max(mean) as mean,
        power(max(amount_range), 2) * cast({{ deviation_sum('deviation * deviation') }} as double)
        / nullif(count(*) - 1, 0) as variance
    from deviations
    group by experiment_key, arm_key, is_control
),

compared as (
    select
        experiments.experiment_key,
        treatment_arms.arm_key,
        experiments.alpha,
        left_units.experiment_key is not null as has_left_units,
        coalesce(control.n, 0) as n_c,
        coalesce(treatment.n, 0) as n_t,
        treatment.mean - control.mean as lift,
        {{ welch_standard_error(
            'treatment.variance', 'treatment.n', 'control.variance', 'control.n'
        ) }} as standard_error,
        {{ welch_degrees_of_freedom(
            'treatment.variance', 'treatment.n', 'control.variance', 'control.n'
        ) }} as degrees_of_freedom
    from experiments
    inner join treatment_arms on experiments.experiment_key = treatment_arms.experiment_key
    left join left_units on experiments.experiment_key = left_units.experiment_key
    left join arm_values as control
        on experiments.experiment_key = control.experiment_key and control.is_control
    left join arm_values as treatment
        on
            treatment_arms.experiment_key = treatment.experiment_key
            and treatment_arms.arm_key = treatment.arm_key
),

critical as (
    select
        *,
        {{ student_t_quantile('1 - alpha / 2', 'degrees_of_freedom') }} as critical_value
    from compared
),

final as (
    select
        experiment_key,
        arm_key,
        n_c as control_units,
        n_t as treatment_units,
        case when standard_error is not null then lift end as absolute_lift,
        standard_error,
        lift - critical_value * standard_error as ci_low,
        lift + critical_value * standard_error as ci_high,
        case
            when (n_c < 2 or n_t < 2) and has_left_units
                then
                    'an arm has fewer than two units of which all orders of {{ window_days }} days'
                    || ' are held (retention_days)'
            when n_c < 2 or n_t < 2
                then
                    'an arm has fewer than two units that were assigned {{ window_days }} days ago'
                    || ' or earlier'
            when standard_error is null then 'neither arm varies'
        end as reason
    from critical
)

select * from final
