{{ config(materialized='connected_components') }}

with

identifiers as (select * from {{ ref('int_identity_identifiers') }}),

edges as (select * from {{ ref('int_identity_edges') }}),

final as (
    select
        left_identifier_id as left_vertex,
        right_identifier_id as right_vertex,
        first_seen_at as seen_at
    from edges
    where is_used
    union all
    -- Also identifiers without an edge; and a cluster bears the name of the one first seen.
    select
        identifier_id as left_vertex,
        identifier_id as right_vertex,
        first_seen_at as seen_at
    from identifiers
)

select * from final
