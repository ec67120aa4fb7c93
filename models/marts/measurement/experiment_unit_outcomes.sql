with

units as (select * from {{ ref('int_experiment_units') }}),

unit_customers as (select * from {{ ref('int_experiment_unit_customers') }}),

experiment_metrics as (select * from {{ ref('experiment_metrics') }}),

metrics as (select * from {{ ref('metrics') }}),

facts as (select * from {{ ref('int_metric_facts') }}),

exposures as (select * from {{ ref('int_experiment_exposures') }}),

member_counts as (
    select experiment_key, unit_id, count(*) as member_count
    from unit_customers
    group by experiment_key, unit_id
),

unit_metrics as (
    select
        units.experiment_key,
        experiment_metrics.metric_key,
        metrics.aggregation,
        metrics.denominator_metric_key,
        units.unit_type,
        units.unit_id,
        units.arm_key,
        units.is_control,
        units.segment_id,
        units.assigned_at,
        units.covariate_starts_at,
        units.outcome_ends_at,
        units.is_merged_across_arms
    from units
    inner join experiment_metrics on units.experiment_key = experiment_metrics.experiment_key
    inner join metrics on experiment_metrics.metric_key = metrics.metric_key
),

unit_facts as (
    select
        unit_metrics.experiment_key,
        unit_metrics.metric_key,
        unit_metrics.unit_id,
        facts.fact_at >= unit_metrics.assigned_at as is_outcome,
        sum(facts.fact_count) as fact_count,
        {{ stable_sum('facts.fact_value') }} as fact_value
    from unit_metrics
    inner join unit_customers
        on
            unit_metrics.experiment_key = unit_customers.experiment_key
            and unit_metrics.unit_id = unit_customers.unit_id
    inner join facts
        on
            unit_metrics.metric_key = facts.metric_key
            and unit_customers.customer_id = facts.customer_id
            and facts.fact_at >= unit_metrics.covariate_starts_at
            and facts.fact_at < unit_metrics.outcome_ends_at
    group by
        unit_metrics.experiment_key,
        unit_metrics.metric_key,
        unit_metrics.unit_id,
        facts.fact_at >= unit_metrics.assigned_at
),

final as (
    -- Every assigned unit counts, also the one of which nothing more was heard: its value is 0.
    select
        unit_metrics.experiment_key,
        unit_metrics.metric_key,
        unit_metrics.unit_type,
        unit_metrics.unit_id,
        unit_metrics.arm_key,
        unit_metrics.is_control,
        unit_metrics.segment_id,
        unit_metrics.assigned_at,
        {{ metric_value('unit_metrics.aggregation', 'outcomes') }} as outcome_value,
        case
            when unit_metrics.denominator_metric_key = 'members'
                then cast(coalesce(member_counts.member_count, 0) as double)
        end as denominator_value,
        {{ metric_value('unit_metrics.aggregation', 'covariates') }} as covariate_value,
        exposures.first_exposed_at is not null as is_exposed,
        unit_metrics.outcome_ends_at <= {{ as_of() }} as is_mature,
        unit_metrics.is_merged_across_arms
    from unit_metrics
    left join unit_facts as outcomes
        on
            unit_metrics.experiment_key = outcomes.experiment_key
            and unit_metrics.metric_key = outcomes.metric_key
            and unit_metrics.unit_id = outcomes.unit_id
            and outcomes.is_outcome
    left join unit_facts as covariates
        on
            unit_metrics.experiment_key = covariates.experiment_key
            and unit_metrics.metric_key = covariates.metric_key
            and unit_metrics.unit_id = covariates.unit_id
            and not covariates.is_outcome
    left join member_counts
        on
            unit_metrics.experiment_key = member_counts.experiment_key
            and unit_metrics.unit_id = member_counts.unit_id
    left join exposures
        on
            unit_metrics.experiment_key = exposures.experiment_key
            and unit_metrics.unit_id = exposures.unit_id
)

select * from final
