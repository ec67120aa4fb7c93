with

identifiers as (select * from {{ ref('int_identity_identifiers') }}),

components as (select * from {{ ref('int_identity_components') }}),

clustered as (
    select
        identifiers.identifier_id,
        identifiers.identifier_type,
        identifiers.identifier_value,
        identifiers.first_seen_at,
        identifiers.last_seen_at,
        -- An identifier without an edge is a cluster of its own.
        coalesce(components.component, identifiers.identifier_id) as component
    from identifiers
    left join components on identifiers.identifier_id = components.vertex
),

named as (
    -- A cluster bears the name of the identifier first seen, so that the older customer's id
    -- survives a merge.
    select
        *,
        first_value(identifier_id) over (
            partition by component
            order by first_seen_at, identifier_id
        ) as first_identifier_id
    from clustered
),

final as (
    select
        identifier_id,
        identifier_type,
        identifier_value,
        {{ customer_key('identifier_id') }} as identifier_key,
        {{ customer_key('first_identifier_id') }} as customer_id,
        first_seen_at,
        last_seen_at
    from named
)

select * from final
