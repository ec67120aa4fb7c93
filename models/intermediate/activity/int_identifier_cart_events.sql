-- A view, because products change: the price list and the categories of today hold for every day.
{{ config(materialized='view') }}

with

cart_changes as (select * from {{ ref('int_identifier_cart_changes') }}),

products as (select * from {{ ref('stg_shop__products') }}),

final as (
    select
        cart_changes.event_id,
        cart_changes.identifier_id,
        cart_changes.activity_date,
        cart_changes.occurred_at,
        cart_changes.product_id,
        coalesce(products.category, 'unknown') as category,
        cart_changes.quantity_change,
        -- What the event says the item costs, else the price list.
        coalesce(cart_changes.unit_amount, products.list_price_reporting, 0) as unit_amount
    from cart_changes
    left join products on cart_changes.product_id = products.product_id
)

select * from final
