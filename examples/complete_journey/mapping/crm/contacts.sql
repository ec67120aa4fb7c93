-- crm/contacts: one row per household. The wheel knows households, not persons, so a household is
-- one contact, and its number is all that is known of it.
with final as (
    select
        household_id as contact_id,
        household_id as user_id,
        cast(null as text) as email,
        cast(null as text) as phone,
        cast(null as text) as first_name,
        cast(null as text) as last_name,
        cast(null as text) as postal_code,
        cast(null as text) as country_code,
        household_id as account_id,
        cast(null as text) as lifecycle_stage,
        cast(null as boolean) as is_internal,
        first_seen_at as created_at,
        cast(null as timestamp) as updated_at
    from households
)

select * from final
order by contact_id
