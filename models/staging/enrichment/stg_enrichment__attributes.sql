with attributes as (
    select * from {{ ref('base_enrichment__attributes') }}
),

final as (
    select
        provider,
        party,
        identifier_type,
        identifier_value,
        identifier_id,
        attribute_name,
        attribute_value,
        observed_at,
        expires_at,
        legal_basis
    from attributes
    where reject_reason is null and removal_reason is null
)

select * from final
