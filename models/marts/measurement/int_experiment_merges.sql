{{ config(access='private', schema='intermediate') }}

with

experiments as (
    select * from {{ ref('mart_experiments') }}
    where status <> 'planned'
),

units as (select * from {{ ref('int_experiment_units') }}),

counted as (
    -- Units of today, each of which may stand for several that were assigned.
    select
        experiments.experiment_key,
        count(units.unit_id) as unit_count,
        count(*) filter (
            where units.assigned_unit_count > 1 and not units.is_merged_across_arms
        ) as merged_within_count,
        count(*) filter (where units.is_merged_across_arms) as merged_across_count
    from experiments
    left join units on experiments.experiment_key = units.experiment_key
    group by experiments.experiment_key
),

final as (
    select
        *,
        merged_across_count / cast(nullif(unit_count, 0) as double) as merged_across_share
    from counted
)

select * from final
