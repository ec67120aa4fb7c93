{{ config(materialized='view') }}

with

orders as (
    select * from {{ ref('int_identifier_orders') }}
    where is_completed
),

identity_map as (select * from {{ ref('int_identity_map') }}),

final as (
    select
        orders.order_id,
        identity_map.customer_id,
        orders.ordered_at,
        orders.reporting_amount
    from orders
    inner join identity_map on orders.identifier_id = identity_map.identifier_id
)

select * from final
