{{ config(access='private', schema='intermediate') }}

with

economics as (select * from {{ ref('experiment_economics') }}),

metrics as (
    select * from {{ ref('metrics') }}
    where source = 'orders'
),

units as (
    select * from {{ ref('int_experiment_units') }}
    where not is_control and outcome_ends_at <= {{ as_of() }}
),

unit_customers as (select * from {{ ref('int_experiment_unit_customers') }}),

customer_orders as (select * from {{ ref('int_customer_orders') }}),

unit_orders as (
    select
        units.experiment_key,
        units.arm_key,
        units.unit_id,
        units.assigned_at,
        customer_orders.order_id,
        metrics.aggregation,
        row_number() over (
            partition by units.experiment_key, units.unit_id
            order by customer_orders.ordered_at, customer_orders.order_id
        ) as order_number
    from units
    inner join economics
        on
            units.experiment_key = economics.experiment_key
            and units.arm_key = economics.arm_key
    inner join metrics on economics.conversion_metric_key = metrics.metric_key
    inner join unit_customers
        on
            units.experiment_key = unit_customers.experiment_key
            and units.unit_id = unit_customers.unit_id
    inner join customer_orders
        on
            unit_customers.customer_id = customer_orders.customer_id
            and customer_orders.ordered_at >= units.assigned_at
            and customer_orders.ordered_at < units.outcome_ends_at
),

final as (
    -- A metric that asks whether counts the first order of a unit, one that asks how often all.
    select
        experiment_key,
        arm_key,
        unit_id,
        order_id
    from unit_orders
    where aggregation = 'count' or order_number = 1
)

select * from final
