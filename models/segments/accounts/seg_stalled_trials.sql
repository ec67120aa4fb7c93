with

account_usage as (select * from {{ ref('int_account_usage') }}),

profiles as (select * from {{ ref('int_customer_profiles') }})

select
    profiles.customer_id,
    account_usage.lookback_days,
    case when account_usage.last_used_at is null then 'never_used' else 'stopped' end as variant,
    coalesce(account_usage.last_used_at, account_usage.trial_started_at) as qualified_at,
    account_usage.user_count as score
from account_usage
inner join profiles on account_usage.account_id = profiles.account_id
where account_usage.was_in_trial_all_window and account_usage.feature_uses = 0
