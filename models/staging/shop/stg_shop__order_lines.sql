with order_lines as (
    select * from {{ ref('base_shop__order_lines') }}
),

final as (
    select
        order_id,
        line_number,
        product_id,
        quantity,
        line_amount
    from order_lines
    where reject_reason is null and removal_reason is null
)

select * from final
