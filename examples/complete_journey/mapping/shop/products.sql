-- shop/products: one row per product. The wheel has no product names and no list prices; what a
-- product is called on the shelf comes closest to its type with its package size.
with final as (
    select
        cast(product_id as text) as product_id,
        nullif(concat_ws(' ', product_type, package_size), '') as product_name,
        department as category,
        product_category as subcategory,
        cast(null as double) as list_price,
        cast(null as text) as currency_code
    from products
)

select * from final
order by product_id
