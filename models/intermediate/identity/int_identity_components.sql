{{ config(materialized='connected_components') }}

with

edges as (select * from {{ ref('int_identity_edges') }}),

final as (
    select
        left_identifier_id as left_vertex,
        right_identifier_id as right_vertex
    from edges
    where is_used
)

select * from final
