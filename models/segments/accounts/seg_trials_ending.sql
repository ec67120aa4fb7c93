with

account_trials as (select * from {{ ref('int_account_trials') }}),

profiles as (select * from {{ ref('int_customer_profiles') }}),

horizons as (
    select ahead.within_days
    from (values (3), (7), (14)) as ahead (within_days)
),

ending as (
    select
        account_trials.account_id,
        horizons.within_days,
        account_trials.trial_started_at,
        {{ dbt.datediff(as_of(), 'account_trials.trial_ends_at', 'day') }} as days_left
    from account_trials
    cross join horizons
    where
        account_trials.is_in_trial
        and account_trials.trial_ends_at
        < {{ dbt.dateadd('day', 'horizons.within_days', as_of()) }}
)

select
    profiles.customer_id,
    cast(null as integer) as lookback_days,
    'within-' || cast(ending.within_days as {{ dbt.type_string() }}) || 'd' as variant,
    ending.trial_started_at as qualified_at,
    1 / cast(1 + ending.days_left as double) as score
from ending
inner join profiles on ending.account_id = profiles.account_id
