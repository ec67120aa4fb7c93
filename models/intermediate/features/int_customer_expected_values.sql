with

customer_cells as (
    select * from {{ ref('int_customer_rfm_cells') }}
    where horizons_ago = 0
),

cells as (select * from {{ ref('int_rfm_cell_values') }}),

expected as (
    select
        customer_cells.customer_id,
        customer_cells.has_ordered,
        customer_cells.rfm_cell,
        cells.customer_count as cell_customer_count,
        cells.expected_amount as expected_revenue_amount,
        cells.backtest_expected_amount - cells.backtest_observed_amount as backtest_error_amount
    from customer_cells
    inner join cells on customer_cells.rfm_cell = cells.rfm_cell
),

deciles as (
    -- 10 is best; equal values are told apart by customer_id. Those who never ordered are all one
    -- cell, which has nothing to rank.
    select
        customer_id,
        cast(ntile(10) over (
            order by round(expected_revenue_amount, 9), customer_id
        ) as bigint) as decile
    from expected
    where has_ordered
),

final as (
    select
        expected.customer_id,
        expected.has_ordered,
        expected.rfm_cell,
        expected.cell_customer_count,
        expected.expected_revenue_amount,
        expected.backtest_error_amount,
        deciles.decile
    from expected
    left join deciles on expected.customer_id = deciles.customer_id
)

select * from final
