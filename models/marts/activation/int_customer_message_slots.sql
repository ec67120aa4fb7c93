{{ config(access='private', schema='intermediate') }}

with

primary_segments as (select * from {{ ref('customer_primary_segments') }}),

features as (select * from {{ ref('customer_features') }}),

viewed as (select * from {{ ref('int_customer_last_viewed_products') }}),

carts as (select * from {{ ref('int_customer_open_carts') }}),

sensitive_words as (
    select {{ as_words('topic') }} as words
    from {{ ref('sensitive_topics') }}
),

categories as (
    select customer_id, max_by(top_category, lookback_days) as top_category
    from features
    where top_category is not null
    group by customer_id
),

open_carts as (
    select customer_id, max_by(cart_amount, lookback_days) as cart_amount
    from carts
    group by customer_id
),

found as (
    select
        primary_segments.customer_id,
        categories.top_category,
        viewed.product_name,
        coalesce(viewed.category, '') as product_category,
        open_carts.cart_amount
    from primary_segments
    left join categories on primary_segments.customer_id = categories.customer_id
    left join viewed on primary_segments.customer_id = viewed.customer_id
    left join open_carts on primary_segments.customer_id = open_carts.customer_id
),

sensitive_categories as (
    select named.category
    from (
        select top_category as category from found
        union
        select product_category as category from found
    ) as named
    inner join sensitive_words
        on {{ dbt.position('sensitive_words.words', as_words('named.category')) }} > 0
    group by named.category
),

final as (
    -- What is sensitive stands in no message: others read over one's shoulder.
    select
        found.customer_id,
        case when sensitive_tops.category is null then found.top_category end as top_category,
        case when sensitive_products.category is null then found.product_name end
            as last_viewed_product,
        found.cart_amount as open_cart_amount
    from found
    left join sensitive_categories as sensitive_tops
        on found.top_category = sensitive_tops.category
    left join sensitive_categories as sensitive_products
        on found.product_category = sensitive_products.category
)

select * from final
