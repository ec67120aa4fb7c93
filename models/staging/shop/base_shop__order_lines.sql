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

judged as (
    select
        checked.order_id,
        checked.line_number,
        checked.product_id,
        checked.quantity,
        checked.line_amount,
        case
            when checked.reason is not null then checked.reason
            when orders.order_id is null then 'unknown_order'
        end as reason,
        {{ is_erased([identifier_id("'order_id'", 'checked.order_id')]) }} as is_erased,
        {{ is_past_retention('shop/orders', 'checked.ordered_at') }} as is_past_retention,
        {{ is_ageless('shop/orders', 'checked.ordered_at') }} as is_ageless
    from checked
    left join orders
        on checked.order_id = orders.order_id
),

kept as (
    select *
    from judged
    where not is_erased and not is_past_retention and not is_ageless
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
    from kept
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
        end as row_json,
        cast(null as {{ dbt.type_string() }}) as removal_reason
    from decided
    union all
    -- What stays of a row that the build must not hold; stg_privacy__removed_rows counts it.
    select
        {{ no_values(['order_id', 'line_number', 'product_id', 'quantity', 'line_amount']) }},
        {{ left_of_removed_row() }}
    from judged
    where is_erased or is_past_retention or is_ageless
)

select * from final
