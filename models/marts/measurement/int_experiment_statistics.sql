{{ config(access='private', schema='intermediate') }}

with

current_statistics as (select * from {{ ref('int_experiment_current_statistics') }}),

experiments as (
    select * from {{ ref('mart_experiments') }}
    where status = 'ended'
),

remembered_statistics as (
    select * from {{ ref('int_experiment_finished_statistics') }}
    where as_of <= {{ as_of() }}
),

finished_statistics as (
    select remembered_statistics.*
    from remembered_statistics
    inner join experiments
        on
            remembered_statistics.experiment_key = experiments.experiment_key
            and remembered_statistics.ends_at = experiments.ends_at
),

final as (
    -- What is remembered of a finished experiment counts: it is what the units show, or what they
    -- showed before one of them had to go.
    select
        current_statistics.experiment_key,
        current_statistics.metric_key,
        current_statistics.arm_key,
        current_statistics.is_control,
        current_statistics.population,
        current_statistics.slice,
        case
            when finished_statistics.experiment_key is null then current_statistics.unit_count
            else finished_statistics.unit_count
        end as unit_count,
        case
            when finished_statistics.experiment_key is null then current_statistics.outcome_mean
            else finished_statistics.outcome_mean
        end as outcome_mean,
        case
            when finished_statistics.experiment_key is null then current_statistics.outcome_variance
            else finished_statistics.outcome_variance
        end as outcome_variance
    from current_statistics
    left join finished_statistics
        on
            current_statistics.experiment_key = finished_statistics.experiment_key
            and current_statistics.metric_key = finished_statistics.metric_key
            and current_statistics.arm_key = finished_statistics.arm_key
            and current_statistics.population = finished_statistics.population
            and current_statistics.slice = finished_statistics.slice
)

select * from final
