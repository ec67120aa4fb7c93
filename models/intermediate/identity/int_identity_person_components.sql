{{ config(materialized='connected_components') }}

with

links as (select * from {{ ref('int_identity_probable_links') }}),

final as (
    select
        left_customer_id as left_vertex,
        right_customer_id as right_vertex
    from links
)

select * from final
