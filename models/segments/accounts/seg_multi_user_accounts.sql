with

account_usage as (select * from {{ ref('int_account_usage') }}),

profiles as (select * from {{ ref('int_customer_profiles') }})

select
    profiles.customer_id,
    account_usage.lookback_days,
    case
        when account_usage.has_converted then 'paying'
        when account_usage.is_in_trial then 'in_trial'
        else 'other'
    end as variant,
    account_usage.last_used_at as qualified_at,
    account_usage.active_user_count as score
from account_usage
inner join profiles on account_usage.account_id = profiles.account_id
where account_usage.active_user_count >= 2
