-- The ledger's fractions are what the hash gives today: a row that was edited, or a macro that
-- changed, shows.
with

assignments as (
    select * from {{ ref('experiment_assignments') }}
    where assignment_source = 'hashed'
),

final as (
    select
        'experiment_assignments: ' || experiment_key || ' ' || unit_id
        || ' bears another hash_fraction than its hash gives' as problem
    from assignments
    where
        hash_fraction is null
        or hash_fraction
        <> {{ hash_fraction("'arm:' || experiment_key", 'unit_id') }}
)

select * from final
