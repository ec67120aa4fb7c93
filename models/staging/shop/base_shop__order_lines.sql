{{ config(materialized='table') }}
{% set columns = ['order_id', 'line_number', 'product_id', 'quantity', 'line_amount'] %}

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

repeated_keys as (
    select
        order_id,
        line_number
    from checked
    where reason is null
    group by order_id, line_number
    having count(*) > 1
),

-- Lines carry no time: of those that repeat a key the first by all columns counts. Only repeated
-- keys are ranked: sorting every row of a large table would cost several times the rest.
ranked as (
    select
        checked.*,
        row_number() over (
            partition by checked.order_id, checked.line_number
            order by {{ row_json(columns, 'checked') }} asc
        ) as copy_number
    from checked
    inner join repeated_keys
        on checked.order_id = repeated_keys.order_id
        and checked.line_number = repeated_keys.line_number
    where checked.reason is null
),

copies as (
    select
        checked.*,
        1 as copy_number
    from checked
    where
        checked.reason is not null
        or not exists (
            select 1
            from repeated_keys
            where
                repeated_keys.order_id = checked.order_id
                and repeated_keys.line_number = checked.line_number
        )
    union all
    select *
    from ranked
),

decided as (
    select
        *,
        {{ row_key(['order_id', 'line_number']) }} as row_key,
        case when copy_number > 1 then 'duplicate_key' else reason end as reject_reason
    from copies
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
        case when reject_reason is not null then {{ row_json(columns) }} end as row_json
    from decided
)

select * from final
