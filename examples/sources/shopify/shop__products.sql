-- shop/products: one row per product, deleted ones too, since old orders and visits are about them.
--
-- The list price is that of the cheapest variant before a reduction. Shopify has one level of category, the product type.
-- Lost: variants, collections, tags, prices of other markets.
with

prices as (
    select
        product_id,
        min(coalesce(nullif(compare_at_price, 0), price)) as list_price
    from product_variant
    group by product_id
),

-- A shop has one currency; the table has one row.
currencies as (
    select max(currency) as currency_code from shop
),

final as (
    select
        cast(product.id as varchar) as product_id,
        product.title as product_name,
        nullif(product.product_type, '') as category,
        cast(null as varchar) as subcategory,
        -- A price needs its currency.
        case
            when currencies.currency_code is not null then cast(prices.list_price as double)
        end as list_price,
        currencies.currency_code
    from product
    left join prices on product.id = prices.product_id
    cross join currencies
)

select * from final
order by all
