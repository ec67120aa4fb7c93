-- crm/contacts: one row per customer of the shop.
--
-- Lost: tags, notes, who is staff (is_internal). A customer that was erased in Shopify keeps an empty row here; an erasure
-- request must reach privacy/erasure_requests besides.
with

final as (
    select
        own_id(customer.id) as contact_id,
        own_id(customer.id) as user_id,
        customer.email,
        customer.phone,
        customer.first_name,
        customer.last_name,
        customer_address.zip as postal_code,
        customer_address.country_code,
        cast(null as varchar) as account_id,
        cast(null as varchar) as lifecycle_stage,
        cast(null as boolean) as is_internal,
        cast(customer.created_at as timestamp) as created_at,
        cast(customer.updated_at as timestamp) as updated_at
    from customer
    left join customer_address on customer.default_address_id = customer_address.id
)

select * from final
order by all
