-- Before an experiment takes its first unit its proposed arms are alike and as large as their weights
-- say. The size has a test of its own, assert_launches_can_show_what_is_planned.
{{ config(severity=var('launch_gate')) }}

with

launch_checks as (
    select * from {{ ref('experiment_launch_checks') }}
    where status = 'fail' and check_name <> 'sample_size'
),

outlooks as (
    select * from {{ ref('int_experiment_outlooks') }}
    where not has_units
),

final as (
    select
        'experiment ' || launch_checks.experiment_key || ' fails ' || launch_checks.check_name
        || ' before its launch: ' || launch_checks.detail
        || ' (docs/experiments.md, "Before you launch")' as problem
    from launch_checks
    inner join outlooks on launch_checks.experiment_key = outlooks.experiment_key
)

select * from final
