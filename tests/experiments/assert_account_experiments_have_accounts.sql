-- An experiment on accounts takes them from crm/contacts: where no row there names one it would wait
-- for units for ever, in silence.
with

experiments as (
    select * from {{ ref('mart_experiments') }}
    where unit_type = 'account' and assignment_source = 'hashed' and status in ('running', 'paused')
),

contacts as (select * from {{ ref('stg_crm__contacts') }}),

accounts as (
    select count(account_id) as row_count
    from contacts
),

final as (
    select
        'experiment ' || experiments.experiment_key || ' in seeds/experiments.csv: unit_type is'
        || ' account, and no row of crm/contacts has an account_id' as problem
    from experiments
    cross join accounts
    where accounts.row_count = 0
)

select * from final
