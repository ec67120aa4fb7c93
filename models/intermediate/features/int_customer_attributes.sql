with

attributes as (
    select * from {{ ref('stg_enrichment__attributes') }}
    where
        observed_at < {{ as_of() }}
        and (expires_at is null or expires_at > {{ as_of() }})
),

identity_map as (select * from {{ ref('int_identity_map') }}),

customer_accounts as (select * from {{ ref('int_identity_accounts') }}),

refused_consents as (
    select * from {{ ref('int_customer_consents') }}
    where purpose = 'ad_personalisation' and not is_granted
),

owners as (
    select identifier_id, customer_id
    from identity_map
    union all
    -- What describes a company or household describes its people.
    select
        {{ identifier_id("'account_id'", 'account_id') }} as identifier_id,
        customer_id
    from customer_accounts
),

ranked as (
    select
        owners.customer_id,
        attributes.provider,
        attributes.attribute_name,
        attributes.attribute_value,
        attributes.party,
        attributes.legal_basis,
        attributes.identifier_type,
        attributes.observed_at,
        attributes.expires_at,
        row_number() over (
            partition by owners.customer_id, attributes.provider, attributes.attribute_name
            order by attributes.observed_at desc, attributes.identifier_id
        ) as observation_rank
    from attributes
    inner join owners on attributes.identifier_id = owners.identifier_id
    left join refused_consents on owners.customer_id = refused_consents.customer_id
    -- The provider holds the consent that it sold on; a withdrawal here ends the use of it.
    where attributes.legal_basis <> 'consent' or refused_consents.customer_id is null
),

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
        expires_at
    from ranked
    where observation_rank = 1
)

select * from final
