-- An experiment that has units keeps what decides who is in it, in which arm, and what is measured. It
-- runs before the marts of experiments are made: a changed plan reaches neither them nor the ledger.
with

plan_changes as (select * from {{ ref('int_experiment_plan_changes') }}),

final as (
    select problem
    from plan_changes
)

select * from final
