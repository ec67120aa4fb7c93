{#- A memory, exempt from full refresh: what a finished experiment has shown stays known when the facts
    behind it have to go. Until then its row is written anew by each build. -#}
{{
    config(
        access='private',
        schema='intermediate',
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['experiment_key', 'metric_key', 'arm_key', 'population', 'slice'],
        full_refresh=false,
        on_schema_change='append_new_columns'
    )
}}

with

current_statistics as (select * from {{ ref('int_experiment_current_statistics') }}),

experiments as (
    select * from {{ ref('mart_experiments') }}
    where status = 'ended'
),

units as (select * from {{ ref('int_experiment_units') }}),

erased_customers as (select * from {{ ref('stg_privacy__erased_customers') }}),

finished as (
    -- Every outcome window is complete, and what arrives late has arrived.
    select
        experiments.experiment_key,
        min(units.covariate_starts_at) as first_fact_at
    from experiments
    inner join units on experiments.experiment_key = units.experiment_key
    group by experiments.experiment_key, experiments.ends_at, experiments.outcome_window_days
    having
        {{ dbt.dateadd('day', var('lateness_days'), 'max(units.outcome_ends_at)') }}
        <= {{ as_of() }}
),

remembered as (
    {% if is_incremental() -%}
    select experiment_key, metric_key, arm_key, population, slice, written_at
    from {{ this }}
    {%- else -%}
    select
        experiment_key,
        metric_key,
        arm_key,
        population,
        slice,
        cast(null as timestamp) as written_at
    from current_statistics
    where 1 = 0
    {%- endif %}
),

erasures as (
    select max(erased_at) as last_erased_at
    from erased_customers
),

final as (
    select
        current_statistics.experiment_key,
        current_statistics.metric_key,
        current_statistics.arm_key,
        current_statistics.is_control,
        current_statistics.population,
        current_statistics.slice,
        current_statistics.unit_count,
        current_statistics.outcome_mean,
        current_statistics.outcome_variance,
        {{ as_of() }} as as_of,
        {{ run_time() }} as written_at
    from current_statistics
    inner join finished on current_statistics.experiment_key = finished.experiment_key
    cross join erasures
    left join remembered
        on
            current_statistics.experiment_key = remembered.experiment_key
            and current_statistics.metric_key = remembered.metric_key
            and current_statistics.arm_key = remembered.arm_key
            and current_statistics.population = remembered.population
            and current_statistics.slice = remembered.slice
    where
        remembered.experiment_key is null
        -- No fact has been taken away since it was written, nor is any too old to be held.
        or (
            coalesce(erasures.last_erased_at <= remembered.written_at, true)
            and not {{ is_past_any_retention('finished.first_fact_at') }}
        )
)

select * from final
