-- shop/orders: one row per basket. In the wheel a basket has one household and one moment; min()
-- and the grouping by basket keep one row per basket whatever comes, and the reconciliation would
-- show a basket that has two of either.
with final as (
    select
        cast(basket_id as text) as order_id,
        cast(min(household_id) as text) as user_id,
        cast(null as text) as email,
        cast(null as text) as anonymous_id,
        min(transaction_timestamp) as ordered_at,
        'completed' as order_status,
        -- Cents are summed as decimals: the sum does not depend on the order of the lines.
        cast(sum(cast(sales_value as decimal(18, 2))) as double) as order_amount,
        'USD' as currency_code
    from transactions
    group by basket_id
)

select * from final
order by order_id
