-- One row per figure, from the wheel's own records: the views are its parquet files, nothing of
-- the project is read.
with purchases as (
    select * from transactions
    where transaction_timestamp < cast($as_of as timestamp)
),

lines_of_unknown_products as (
    select transactions.*
    from transactions
    left join products
        on transactions.product_id = products.product_id
    where products.product_id is null
),

departments_bought as (
    -- Once per basket and department of which it bought something.
    select distinct
        purchases.basket_id,
        coalesce(products.department, 'unknown') as department
    from purchases
    left join products
        on purchases.product_id = products.product_id
    where purchases.quantity > 0
),

households_without_demographics as (
    select household_id from transactions
    except
    select household_id from demographics
),

final as (
    select
        1 as position,
        'customers with an order' as figure,
        count(distinct household_id) as value
    from purchases
    union all
    select
        2,
        'orders',
        count(distinct basket_id)
    from purchases
    union all
    select
        3,
        'shopping days (customer and day)',
        count(distinct (household_id, cast(transaction_timestamp as date)))
    from purchases
    union all
    select
        4,
        'calendar days with an order',
        count(distinct cast(transaction_timestamp as date))
    from purchases
    union all
    select
        5,
        'revenue (USD)',
        sum(cast(sales_value as decimal(18, 2)))
    from purchases
    union all
    select
        6,
        'orders by category',
        count(*)
    from departments_bought
    union all
    select
        7,
        'orders by category, of category unknown',
        count(*)
    from departments_bought
    where department = 'unknown'
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
    from transactions
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
