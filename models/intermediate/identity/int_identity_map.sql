with

identifiers as (select * from {{ ref('int_identity_identifiers') }}),

components as (select * from {{ ref('int_identity_components') }}),

final as (
    select
        identifiers.identifier_id,
        identifiers.identifier_type,
        identifiers.identifier_value,
        {{ customer_key('identifiers.identifier_id') }} as identifier_key,
        -- A component is named after the identifier first seen, so that the older customer's id
        -- survives a merge.
        {{ customer_key('components.component') }} as customer_id,
        components.joined_at as merged_at,
        identifiers.first_seen_at,
        identifiers.last_seen_at
    from identifiers
    inner join components on identifiers.identifier_id = components.vertex
)

select * from final
