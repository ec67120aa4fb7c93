with products as (
    select * from {{ ref('base_shop__products') }}
),

final as (
    select
        product_id,
        product_name,
        category,
        subcategory,
        list_price,
        currency_code,
        list_price_reporting
    from products
    where reject_reason is null
)

select * from final
