with

shared_identifiers as (select * from {{ ref('int_identity_shared_identifiers') }}),

edges as (
    select * from {{ ref('int_identity_edges') }}
    where not is_used
),

identity_map as (select * from {{ ref('int_identity_map') }}),

neighbours as (
    select left_identifier_id as identifier_id, right_identifier_id as neighbour_id
    from edges
    union all
    select right_identifier_id as identifier_id, left_identifier_id as neighbour_id
    from edges
),

final as (
    select
        shared_identifiers.identifier_id,
        identity_map.customer_id
    from shared_identifiers
    inner join neighbours on shared_identifiers.identifier_id = neighbours.identifier_id
    inner join identity_map on neighbours.neighbour_id = identity_map.identifier_id
    group by shared_identifiers.identifier_id, identity_map.customer_id
)

select * from final
