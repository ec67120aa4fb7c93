{{ config(materialized='connected_components') }}

with

customers as (select * from {{ ref('int_identity_customers') }}),

links as (select * from {{ ref('int_identity_probable_links') }}),

final as (
    -- A link was there when the later of the two was.
    select
        links.left_customer_id as left_vertex,
        links.right_customer_id as right_vertex,
        greatest(one.first_seen_at, other.first_seen_at) as seen_at
    from links
    inner join customers as one on links.left_customer_id = one.customer_id
    inner join customers as other on links.right_customer_id = other.customer_id
    union all
    -- Also customers without a link; and a person bears the name of the one first seen.
    select
        customer_id as left_vertex,
        customer_id as right_vertex,
        first_seen_at as seen_at
    from customers
)

select * from final
