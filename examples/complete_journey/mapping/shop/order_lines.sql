-- shop/order_lines: one row per line of a basket, as it is: lines of products that shop/products
-- does not know and lines with quantity 0 pass. The wheel does not number its lines. A basket
-- names a product once, so the product numbers them; the further columns make the numbering
-- certain on any input.
with final as (
    select
        cast(basket_id as text) as order_id,
        row_number() over (
            partition by basket_id
            order by
                product_id,
                sales_value desc,
                quantity,
                retail_disc,
                coupon_disc,
                coupon_match_disc,
                store_id
        ) as line_number,
        cast(product_id as text) as product_id,
        cast(quantity as bigint) as quantity,
        cast(sales_value as double) as line_amount
    from transactions
)

select * from final
order by order_id, line_number
