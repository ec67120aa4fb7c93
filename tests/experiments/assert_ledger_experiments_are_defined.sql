-- The ledger outlives the seeds: the units of an experiment whose rows were taken out of
-- seeds/experiments.csv are measured nowhere and still hold their arms.
with

assignments as (select * from {{ ref('experiment_assignments') }}),

experiments as (select * from {{ ref('mart_experiments') }}),

final as (
    select
        'experiment_assignments: ' || assignments.experiment_key || ' has '
        || cast(count(*) as {{ dbt.type_string() }})
        || ' assigned units and is no row of seeds/experiments.csv. To end an experiment put its'
        || ' rows back and set ends_at; to throw it away with its assignments run: dbt'
        || ' run-operation forget_experiment --args ''{experiment_key: '
        || assignments.experiment_key || '}''' as problem
    from assignments
    left join experiments on assignments.experiment_key = experiments.experiment_key
    where experiments.experiment_key is null
    group by assignments.experiment_key
)

select * from final
