-- crm/accounts: one row per company that is not deleted.
--
-- The close date is when the company became a customer. Lost: plan and trial, which your product knows, not the CRM.
with

final as (
    select
        own_id(id) as account_id,
        property_name as account_name,
        cast(null as varchar) as plan,
        cast(null as timestamp) as trial_started_at,
        cast(null as timestamp) as trial_ends_at,
        cast(property_closedate as timestamp) as converted_at,
        cast(property_createdate as timestamp) as created_at
    from company
    where not coalesce(is_deleted, false)
)

select * from final
order by all
