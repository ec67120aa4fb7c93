-- By each of the five models the parts of an order are the whole order, and no order is shared out by
-- some of them only.
with

attribution as (select * from {{ ref('conversion_attribution') }}),

models as (
    select
        order_id,
        model,
        sum(credit) as credit_sum
    from attribution
    group by order_id, model
),

orders as (
    select
        order_id,
        count(*) as model_count,
        max(abs(credit_sum - 1)) as largest_gap
    from models
    group by order_id
),

final as (
    select
        order_id,
        'conversion_attribution: order ' || order_id || ' is shared out by '
        || {{ number_text('model_count') }} || ' models of 5, and the credits of one are '
        || cast(largest_gap as {{ dbt.type_string() }}) || ' from 1' as problem
    from orders
    where model_count <> 5 or largest_gap > 1e-9
)

select * from final
