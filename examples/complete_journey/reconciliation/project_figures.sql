-- One row per figure, from the built project: the same figures, in the same order, as
-- wheel_figures.sql.
with customers as (
    select * from main.customers
),

orders as (
    select * from main_staging.stg_shop__orders
    where
        ordered_at < cast($as_of as timestamp)
        and order_status = 'completed'
),

orders_by_category as (
    select * from main_intermediate.int_identifier_category_daily
),

order_lines as (
    select * from main_staging.stg_shop__order_lines
),

products as (
    select * from main_staging.stg_shop__products
),

contacts as (
    select * from main_staging.stg_crm__contacts
),

attributes as (
    select * from main_staging.stg_enrichment__attributes
),

lines_of_unknown_products as (
    select order_lines.order_id
    from order_lines
    left join products
        on order_lines.product_id = products.product_id
    where products.product_id is null
),

households_without_demographics as (
    select user_id from contacts
    except
    select identifier_value from attributes
),

final as (
    select
        1 as position,
        'customers with an order' as figure,
        count(*) as value
    from customers
    where order_count > 0
    union all
    select
        2,
        'orders',
        sum(order_count)
    from customers
    union all
    select
        3,
        'shopping days (customer and day)',
        count(distinct (user_id, cast(ordered_at as date)))
    from orders
    union all
    select
        4,
        'calendar days with an order',
        count(distinct cast(ordered_at as date))
    from orders
    union all
    select
        5,
        'revenue (USD)',
        sum(cast(revenue_amount as decimal(18, 2)))
    from customers
    union all
    select
        6,
        'orders by category',
        sum(order_count)
    from orders_by_category
    union all
    select
        7,
        'orders by category, of category unknown',
        coalesce(sum(order_count), 0)
    from orders_by_category
    where category = 'unknown'
    union all
    select
        8,
        'all days: order lines of unknown products',
        count(*)
    from lines_of_unknown_products
    union all
    select
        9,
        'all days: order lines with quantity 0',
        count(*)
    from order_lines
    where quantity = 0
    union all
    select
        10,
        'all days: households without demographics',
        count(*)
    from households_without_demographics
)

select
    figure,
    cast(value as decimal(18, 2)) as value
from final
order by position
