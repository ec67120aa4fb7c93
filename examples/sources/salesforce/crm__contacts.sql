-- crm/contacts: one row per contact, and per lead that is not converted yet.
--
-- Lost: custom fields, among them the id with which a person signs in (user_id) and who is staff (is_internal). Deleted
-- records are left out; a deletion is no erasure request: put those into privacy/erasure_requests.
with

people as (
    select
        id,
        account_id,
        email,
        coalesce(mobile_phone, phone) as phone,
        first_name,
        last_name,
        mailing_postal_code as postal_code,
        mailing_country_code as country_code,
        'contact' as lifecycle_stage,
        created_date,
        last_modified_date
    from contact
    where not coalesce(is_deleted, false)
    union all
    select
        id,
        null as account_id,
        email,
        coalesce(mobile_phone, phone) as phone,
        first_name,
        last_name,
        postal_code,
        country_code,
        'lead: ' || status as lifecycle_stage,
        created_date,
        last_modified_date
    from lead
    -- A converted lead is a contact now.
    where not coalesce(is_deleted, false) and not coalesce(is_converted, false)
),

final as (
    select
        own_id(id) as contact_id,
        cast(null as varchar) as user_id,
        email,
        phone,
        first_name,
        last_name,
        postal_code,
        country_code,
        own_id(account_id) as account_id,
        lifecycle_stage,
        cast(null as boolean) as is_internal,
        cast(created_date as timestamp) as created_at,
        cast(last_modified_date as timestamp) as updated_at
    from people
)

select * from final
order by all
