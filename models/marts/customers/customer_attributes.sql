with

attributes as (select * from {{ ref('int_customer_attributes') }}),

final as (
    select
        customer_id,
        provider,
        attribute_name,
        attribute_value,
        party,
        legal_basis,
        identifier_type,
        observed_at,
        expires_at,
        {{ as_of() }} as as_of
    from attributes
)

select * from final
