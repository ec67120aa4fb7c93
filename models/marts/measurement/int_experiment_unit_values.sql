{{ config(access='private', schema='intermediate') }}

with

units as (select * from {{ ref('int_experiment_units') }}),

unit_customers as (select * from {{ ref('int_experiment_unit_customers') }}),

experiment_metrics as (select * from {{ ref('experiment_metrics') }}),

metrics as (select * from {{ ref('metrics') }}),

facts as (select * from {{ ref('int_metric_facts') }}),

needed_metrics as (
    -- What is measured, and what stands below the line of it.
    select experiment_key, metric_key
    from experiment_metrics
    union
    select experiment_metrics.experiment_key, metrics.denominator_metric_key as metric_key
    from experiment_metrics
    inner join metrics on experiment_metrics.metric_key = metrics.metric_key
    where metrics.denominator_metric_key <> 'members'
),

unit_facts as (
    select
        units.experiment_key,
        metrics.metric_key,
        metrics.aggregation,
        units.unit_id,
        facts.fact_at >= units.assigned_at as is_outcome,
        sum(facts.fact_count) as fact_count,
        {{ stable_sum('facts.fact_value') }} as fact_value
    from units
    inner join needed_metrics on units.experiment_key = needed_metrics.experiment_key
    inner join metrics on needed_metrics.metric_key = metrics.metric_key
    inner join unit_customers
        on
            units.experiment_key = unit_customers.experiment_key
            and units.unit_id = unit_customers.unit_id
    inner join facts
        on
            metrics.metric_key = facts.metric_key
            and unit_customers.customer_id = facts.customer_id
            and facts.fact_at >= units.covariate_starts_at
            and facts.fact_at < units.outcome_ends_at
    group by
        units.experiment_key,
        metrics.metric_key,
        metrics.aggregation,
        units.unit_id,
        facts.fact_at >= units.assigned_at
),

window_values as (
    select
        experiment_key,
        metric_key,
        unit_id,
        is_outcome,
        {{ metric_value('aggregation', 'unit_facts') }} as window_value
    from unit_facts
),

final as (
    select
        experiment_key,
        metric_key,
        unit_id,
        max(case when is_outcome then window_value end) as outcome_value,
        max(case when not is_outcome then window_value end) as covariate_value
    from window_values
    group by experiment_key, metric_key, unit_id
)

select * from final
