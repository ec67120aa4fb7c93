with

units as (select * from {{ ref('int_experiment_units') }}),

unit_customers as (select * from {{ ref('int_experiment_unit_customers') }}),

experiment_metrics as (select * from {{ ref('experiment_metrics') }}),

metrics as (select * from {{ ref('metrics') }}),

unit_values as (select * from {{ ref('int_experiment_unit_values') }}),

exposures as (select * from {{ ref('int_experiment_exposures') }}),

member_counts as (
    select experiment_key, unit_id, cast(count(*) as double) as member_count
    from unit_customers
    group by experiment_key, unit_id
),

unit_metrics as (
    select
        units.experiment_key,
        experiment_metrics.metric_key,
        metrics.denominator_metric_key,
        units.unit_type,
        units.unit_id,
        units.arm_key,
        units.is_control,
        units.segment_id,
        units.stratum,
        units.lifecycle_stage,
        units.loyalty_tier,
        units.country_code,
        units.preferred_device,
        units.assigned_at,
        units.outcome_ends_at,
        units.is_merged_across_arms
    from units
    inner join experiment_metrics on units.experiment_key = experiment_metrics.experiment_key
    inner join metrics on experiment_metrics.metric_key = metrics.metric_key
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
        unit_metrics.stratum,
        unit_metrics.lifecycle_stage,
        unit_metrics.loyalty_tier,
        unit_metrics.country_code,
        unit_metrics.preferred_device,
        unit_metrics.assigned_at,
        unit_metrics.outcome_ends_at,
        coalesce(numerators.outcome_value, 0) as outcome_value,
        case
            when unit_metrics.denominator_metric_key = 'members'
                then coalesce(member_counts.member_count, 0)
            when unit_metrics.denominator_metric_key is not null
                then coalesce(denominators.outcome_value, 0)
        end as denominator_value,
        coalesce(numerators.covariate_value, 0) as covariate_value,
        case
            when unit_metrics.denominator_metric_key = 'members'
                then coalesce(member_counts.member_count, 0)
            when unit_metrics.denominator_metric_key is not null
                then coalesce(denominators.covariate_value, 0)
        end as covariate_denominator_value,
        exposures.first_exposed_at is not null as is_exposed,
        unit_metrics.outcome_ends_at <= {{ as_of() }} as is_mature,
        unit_metrics.is_merged_across_arms
    from unit_metrics
    left join unit_values as numerators
        on
            unit_metrics.experiment_key = numerators.experiment_key
            and unit_metrics.metric_key = numerators.metric_key
            and unit_metrics.unit_id = numerators.unit_id
    left join unit_values as denominators
        on
            unit_metrics.experiment_key = denominators.experiment_key
            and unit_metrics.denominator_metric_key = denominators.metric_key
            and unit_metrics.unit_id = denominators.unit_id
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
