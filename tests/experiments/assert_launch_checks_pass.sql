-- Before an experiment takes its first unit its proposed arms are alike and as large as their weights
-- say. The size has a test of its own, assert_launches_can_show_what_is_planned.
{{ config(severity=var('launch_gate')) }}

with

launch_checks as (
    select * from {{ ref('experiment_launch_checks') }}
    where status = 'fail' and check_name <> 'sample_size'
),

begun as (
    -- Also by units of this day or a later one.
    select experiment_key
    from {{ ref('int_experiment_ledger_log') }}
    group by experiment_key
),

final as (
    select
        'experiment ' || launch_checks.experiment_key || ' fails ' || launch_checks.check_name
        || ' before its launch: ' || launch_checks.detail
        || ' (docs/experiments.md, "Before you launch")' as problem
    from launch_checks
    left join begun on launch_checks.experiment_key = begun.experiment_key
    where begun.experiment_key is null
)

select * from final
