{{ config(materialized='view') }}

with source as (
    select * from {{ source('shop', 'order_lines') }}
),

-- A line is as old as its order, also as one that was refused.
orders as (
    select
        order_id,
        max(ordered_at) as ordered_at
    from {{ ref('base_shop__checked_orders') }}
    group by order_id
),

cleaned as (
    select
        {{ clean_text('order_id') }} as order_id,
        line_number,
        {{ clean_text('product_id') }} as product_id,
        quantity,
        line_amount
    from source
),

-- The first reason that holds is the row's reason. A line without pieces is one: samples, vouchers.
final as (
    select
        cleaned.*,
        orders.ordered_at,
        case
            when cleaned.order_id is null or cleaned.line_number is null then 'null_key'
            when cleaned.quantity is null then 'missing_quantity'
            when cleaned.line_amount is null then 'missing_line_amount'
            when cleaned.quantity < 0 then 'negative_quantity'
            when {{ is_not_finite('cleaned.line_amount') }} then 'not_finite'
            when cleaned.line_amount < 0 then 'negative_amount'
        end as reason
    from cleaned
    left join orders
        on cleaned.order_id = orders.order_id
)

select * from final
