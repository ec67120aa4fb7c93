{{ config(access='private', schema='intermediate') }}

with

assignments as (
    select * from {{ ref('experiment_assignments') }}
    where assigned_at <= {{ as_of() }}
),

erasures as (
    select experiment_key, arm_key, -unit_count as unit_count
    from {{ ref('int_experiment_ledger_log') }}
    where cause = 'erased'
),

units as (select * from {{ ref('int_experiment_units') }}),

unit_customers as (select * from {{ ref('int_experiment_unit_customers') }}),

experiments as (
    select * from {{ ref('mart_experiments') }}
    where status <> 'planned'
),

arms as (select * from {{ ref('mart_experiment_arms') }}),

peopled_units as (
    select experiment_key, unit_id
    from unit_customers
    group by experiment_key, unit_id
),

counted as (
    -- Units as they were randomised: what merged later was still drawn once for each, and who was
    -- erased since was drawn.
    select
        experiment_key,
        arm_key,
        count(*) as unit_count,
        0 as erased_count,
        0 as empty_count
    from assignments
    group by experiment_key, arm_key
    union all
    select
        experiment_key,
        arm_key,
        unit_count,
        unit_count as erased_count,
        0 as empty_count
    from erasures
    union all
    -- Of these nothing can be heard any more.
    select
        units.experiment_key,
        units.arm_key,
        0 as unit_count,
        0 as erased_count,
        1 as empty_count
    from units
    left join peopled_units
        on
            units.experiment_key = peopled_units.experiment_key
            and units.unit_id = peopled_units.unit_id
    where peopled_units.unit_id is null
),

arm_counts as (
    select
        experiment_key,
        arm_key,
        sum(unit_count) as unit_count,
        sum(erased_count) as erased_count,
        sum(empty_count) as empty_count
    from counted
    group by experiment_key, arm_key
),

final as (
    select
        experiments.experiment_key,
        arms.arm_key,
        arms.is_control,
        arms.weight,
        cast(coalesce(arm_counts.unit_count, 0) as bigint) as unit_count,
        cast(coalesce(arm_counts.erased_count, 0) as bigint) as erased_count,
        cast(coalesce(arm_counts.empty_count, 0) as bigint) as empty_count
    from experiments
    inner join arms on experiments.experiment_key = arms.experiment_key
    left join arm_counts
        on
            arms.experiment_key = arm_counts.experiment_key
            and arms.arm_key = arm_counts.arm_key
)

select * from final
