{{ config(materialized='table') }}

with source as (
    select * from {{ source('shop', 'order_lines') }}
),

orders as (
    select * from {{ ref('stg_shop__orders') }}
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
checked as (
    select
        cleaned.*,
        case
            when cleaned.order_id is null or cleaned.line_number is null then 'null_key'
            when cleaned.quantity is null then 'missing_quantity'
            when cleaned.line_amount is null then 'missing_line_amount'
            when cleaned.quantity < 0 then 'negative_quantity'
            when {{ is_not_finite('cleaned.line_amount') }} then 'not_finite'
            when cleaned.line_amount < 0 then 'negative_amount'
            when orders.order_id is null then 'unknown_order'
        end as reason
    from cleaned
    left join orders
        on cleaned.order_id = orders.order_id
),

-- Lines carry no time: of those that repeat a key the first by all columns counts. A row refused
-- for another reason takes no part.
ranked as (
    select
        *,
        row_number() over (
            partition by order_id, line_number, reason is null
            order by
                product_id asc nulls last,
                quantity asc nulls last,
                line_amount asc nulls last
        ) as copy_number
    from checked
),

decided as (
    select
        *,
        {{ row_key(['order_id', 'line_number']) }} as row_key,
        case
            when reason is not null then reason
            when copy_number > 1 then 'duplicate_key'
        end as reject_reason
    from ranked
),

final as (
    select
        order_id,
        line_number,
        product_id,
        quantity,
        line_amount,
        row_key,
        reject_reason,
        case
            when reject_reason is not null then {{ row_json([
                'order_id', 'line_number', 'product_id', 'quantity', 'line_amount',
            ]) }}
        end as row_json
    from decided
)

select * from final
