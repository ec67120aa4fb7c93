-- An experiment that is too small for the lift that it was planned for shows noise: with
-- `launch_gate: error` no unit is assigned until the plan is another. Whatever has units is not
-- stopped, since nobody can take back what was assigned.
{{ config(severity=var('launch_gate')) }}

with

power as (
    select * from {{ ref('experiment_power') }}
    where is_primary and is_underpowered
),

launch_checks as (
    -- Read although the finding stands in the mart above, so that the checks are built when this fails.
    select * from {{ ref('experiment_launch_checks') }}
    where check_name = 'sample_size' and status = 'fail'
),

outlooks as (
    select * from {{ ref('int_experiment_outlooks') }}
    where
        is_launch
        -- What another system assigns is not stopped by stopping everybody else.
        and (assignment_source = 'hashed' or '{{ var("launch_gate") }}' = 'warn')
),

begun as (
    -- Also by units of this day or a later one.
    select experiment_key
    from {{ ref('int_experiment_ledger_log') }}
    group by experiment_key
),

final as (
    select
        'experiment ' || power.experiment_key || ': planned lift '
        || {{ percent_text('power.planned_relative_lift') }} || ' of ' || power.metric_key
        || ' is below ' || {{ percent_text('power.mde_relative') }} || ', the least that '
        || {{ number_text('power.planned_units') }} || ' units'
        || case when power.inflow_per_day is null then ' (those of today) ' else ' ' end
        || 'can show; it needs ' || {{ number_text('power.units_needed') }}
        || ' (docs/experiments.md, "Before you launch")' as problem
    from power
    inner join outlooks on power.experiment_key = outlooks.experiment_key
    inner join launch_checks on power.experiment_key = launch_checks.experiment_key
    left join begun on power.experiment_key = begun.experiment_key
    where begun.experiment_key is null
)

select * from final
