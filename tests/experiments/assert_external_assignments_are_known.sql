-- What another system assigned is measured only where seeds/experiments.csv and
-- seeds/experiment_arms.csv know it: an unknown experiment or arm is told, never dropped in
-- silence.
{{ config(severity='warn') }}

with

external_assignments as (select * from {{ ref('stg_experiments__assignments') }}),

experiments as (select * from {{ ref('mart_experiments') }}),

arms as (select * from {{ ref('mart_experiment_arms') }}),

checked as (
    select
        external_assignments.experiment_key,
        external_assignments.arm_key,
        case
            when experiments.experiment_key is null then 'is no row of seeds/experiments.csv'
            when experiments.assignment_source <> 'external'
                then 'is assigned here by hash (assignment_source hashed)'
            when experiments.unit_type <> external_assignments.unit_type
                then 'has unit_type ' || experiments.unit_type
            when arms.arm_key is null
                then 'has no arm ' || external_assignments.arm_key
        end as finding
    from external_assignments
    left join experiments
        on external_assignments.experiment_key = experiments.experiment_key
    left join arms
        on
            external_assignments.experiment_key = arms.experiment_key
            and external_assignments.arm_key = arms.arm_key
),

final as (
    select
        'experiments/assignments: ' || experiment_key || ' ' || finding || '; '
        || cast(count(*) as {{ dbt.type_string() }}) || ' rows are not measured' as problem
    from checked
    where finding is not null
    group by experiment_key, finding
)

select * from final
