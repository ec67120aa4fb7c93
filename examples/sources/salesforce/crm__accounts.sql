-- crm/accounts: one row per account that is not deleted. It converted when its first opportunity was won.
--
-- Lost: plan and trial, which your product knows. The close date has no hour; it stands at midnight UTC.
with

first_wins as (
    select
        account_id,
        min(close_date) as converted_date
    from opportunity
    where is_won and not coalesce(is_deleted, false)
    group by account_id
),

final as (
    select
        own_id(account.id) as account_id,
        account.name as account_name,
        cast(null as varchar) as plan,
        cast(null as timestamp) as trial_started_at,
        cast(null as timestamp) as trial_ends_at,
        cast(first_wins.converted_date as timestamp) as converted_at,
        cast(account.created_date as timestamp) as created_at
    from account
    left join first_wins on account.id = first_wins.account_id
    where not coalesce(account.is_deleted, false)
)

select * from final
order by all
