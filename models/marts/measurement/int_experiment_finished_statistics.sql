{#- A memory, exempt from full refresh and written once: what a finished experiment has shown stays known
    when units or facts behind it have to go. -#}
{{
    config(
        access='private',
        schema='intermediate',
        materialized='incremental',
        incremental_strategy='append',
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

finished as (
    -- Every outcome window is complete, and what arrives late has arrived.
    select
        experiments.experiment_key,
        experiments.ends_at
    from experiments
    inner join units on experiments.experiment_key = units.experiment_key
    group by experiments.experiment_key, experiments.ends_at
    having
        {{ dbt.dateadd('day', var('lateness_days'), 'max(units.outcome_ends_at)') }}
        <= {{ as_of() }}
),

remembered as (
    {% if is_incremental() -%}
    select experiment_key, ends_at, metric_key
    from {{ this }}
    group by experiment_key, ends_at, metric_key
    {%- else -%}
    select experiment_key, ends_at, cast(null as {{ dbt.type_string() }}) as metric_key
    from experiments
    where 1 = 0
    {%- endif %}
),

final as (
    -- By ends_at too: one that is extended finishes anew.
    select
        current_statistics.experiment_key,
        finished.ends_at,
        current_statistics.metric_key,
        current_statistics.arm_key,
        current_statistics.is_control,
        current_statistics.population,
        current_statistics.slice,
        current_statistics.stratum,
        current_statistics.unit_count,
        current_statistics.exposed_count,
        current_statistics.outcome_mean,
        current_statistics.outcome_variance,
        current_statistics.denominator_mean,
        current_statistics.denominator_variance,
        current_statistics.covariate_mean,
        current_statistics.covariate_variance,
        current_statistics.covariate_denominator_mean,
        current_statistics.covariate_denominator_variance,
        current_statistics.outcome_denominator_covariance,
        current_statistics.outcome_covariate_covariance,
        current_statistics.outcome_covariate_denominator_covariance,
        current_statistics.denominator_covariate_covariance,
        current_statistics.denominator_covariate_denominator_covariance,
        current_statistics.covariate_covariate_denominator_covariance,
        current_statistics.outcome_exposure_covariance,
        {{ as_of() }} as as_of
    from current_statistics
    inner join finished on current_statistics.experiment_key = finished.experiment_key
    left join remembered
        on
            current_statistics.experiment_key = remembered.experiment_key
            and finished.ends_at = remembered.ends_at
            and current_statistics.metric_key = remembered.metric_key
    where remembered.experiment_key is null
)

select * from final
