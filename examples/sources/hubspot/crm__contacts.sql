-- crm/contacts: one row per contact that is not deleted.
--
-- Lost: custom properties. Two of them you will want: the id with which the contact signs in to your site (user_id), and
-- who is staff (is_internal). A contact merged into another is deleted by HubSpot: its e-mail joins the two here only while
-- it stands with the other. A deletion is no erasure request; put those into privacy/erasure_requests.
with

final as (
    select
        own_id(id) as contact_id,
        cast(null as varchar) as user_id,
        property_email as email,
        -- As typed: a number without its country code falls away in staging.
        property_phone as phone,
        property_firstname as first_name,
        property_lastname as last_name,
        property_zip as postal_code,
        -- Free text in HubSpot; only what looks like a code is one.
        country_code_of(property_country) as country_code,
        own_id(property_associatedcompanyid) as account_id,
        property_lifecyclestage as lifecycle_stage,
        cast(null as boolean) as is_internal,
        cast(property_createdate as timestamp) as created_at,
        cast(property_lastmodifieddate as timestamp) as updated_at
    from contact
    where not coalesce(_fivetran_deleted, false)
)

select * from final
order by all
