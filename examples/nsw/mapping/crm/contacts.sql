-- crm/contacts: one row per man. Whoever earned nothing has no order; the contact makes him known.
with final as (
    select
        man_id as contact_id,
        man_id as user_id,
        cast(null as text) as email,
        cast(null as text) as phone,
        cast(null as text) as first_name,
        cast(null as text) as last_name,
        cast(null as text) as postal_code,
        cast(null as text) as country_code,
        cast(null as text) as account_id,
        cast(null as text) as lifecycle_stage,
        cast(null as boolean) as is_internal,
        timestamp '1977-01-01' as created_at,
        cast(null as timestamp) as updated_at
    from men
)

select * from final
order by contact_id
