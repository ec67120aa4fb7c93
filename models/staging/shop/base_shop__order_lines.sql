{{ config(materialized='table') }}

with checked as (
    select * from {{ ref('base_shop__checked_order_lines') }}
),

orders as (
    select * from {{ ref('stg_shop__orders') }}
),

erased as (
    select * from {{ ref('base_privacy__marked_identifiers') }}
    where source_table = 'shop/order_lines' and marks <> 'shared_identifier'
),

-- What the build must not hold is gone here; stg_privacy__removed_rows counts it.
kept as (
    select *
    from checked
    where
        not {{ is_erased([identifier_id("'order_id'", 'order_id')]) }}
        and not {{ is_past_retention('shop/orders', 'ordered_at') }}
),

judged as (
    select
        kept.order_id,
        kept.line_number,
        kept.product_id,
        kept.quantity,
        kept.line_amount,
        case
            when kept.reason is not null then kept.reason
            when orders.order_id is null then 'unknown_order'
        end as reason
    from kept
    left join orders
        on kept.order_id = orders.order_id
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
    from judged
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
