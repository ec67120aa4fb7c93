-- shop/orders: one row per man and year with earnings; the year's earnings are the order's amount.
-- Earnings of 1974 and 1975 stand in the year before the assignment, the longest window there is.
with earnings as (
    select man_id, 1974 as earned_in, timestamp '1977-04-01' as ordered_at, re74 as amount
    from men
    union all
    select man_id, 1975 as earned_in, timestamp '1977-10-01' as ordered_at, re75 as amount
    from men
    union all
    select man_id, 1978 as earned_in, timestamp '1978-07-01' as ordered_at, re78 as amount
    from men
),

final as (
    select
        man_id || '-' || earned_in as order_id,
        man_id as user_id,
        cast(null as text) as email,
        cast(null as text) as anonymous_id,
        ordered_at,
        'completed' as order_status,
        amount as order_amount,
        'USD' as currency_code
    from earnings
    where amount > 0
)

select * from final
order by order_id
