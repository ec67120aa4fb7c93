-- crm/accounts: one row per household, which is what an account is in a shop for consumers.
with final as (
    select
        household_id as account_id,
        cast(null as text) as account_name,
        cast(null as text) as plan,
        cast(null as timestamp) as trial_started_at,
        cast(null as timestamp) as trial_ends_at,
        cast(null as timestamp) as converted_at,
        first_seen_at as created_at
    from households
)

select * from final
order by account_id
