-- The ledger holds what builds wrote into it, and nothing else: its log knows how many units each arm
-- was given and a checksum of their rows. A row that was lost, edited or added by hand shows.
with

differences as (
    {{ ledger_differences(ref('experiment_assignments'), ref('int_experiment_ledger_log')) }}
),

final as (
    select {{ ledger_problem() }} as problem
    from differences
)

select * from final
