with

customer_cells as (select * from {{ ref('int_customer_rfm_cells') }}),

cells as (
    select rfm_cell, has_ordered
    from customer_cells
    group by rfm_cell, has_ordered
),

standing as (
    select
        horizons_ago,
        rfm_cell,
        count(*) as customer_count,
        {{ stable_sum('following_revenue_amount') }} as revenue_amount
    from customer_cells
    where horizons_ago > 0
    group by horizons_ago, rfm_cell
),

everybody as (
    select
        horizons_ago,
        has_ordered,
        {{ stable_sum('following_revenue_amount') }} / count(*) as mean_amount
    from customer_cells
    where horizons_ago > 0
    group by horizons_ago, has_ordered
),

expected as (
    -- A cell of few says little: 20 customers who spend as everybody does are added to each.
    select
        cells.rfm_cell,
        everybody.horizons_ago,
        coalesce(standing.customer_count, 0) as customer_count,
        standing.revenue_amount / standing.customer_count as mean_amount,
        (coalesce(standing.revenue_amount, 0) + 20 * everybody.mean_amount)
        / (coalesce(standing.customer_count, 0) + 20) as expected_amount
    from cells
    inner join everybody on cells.has_ordered = everybody.has_ordered
    left join standing
        on
            cells.rfm_cell = standing.rfm_cell
            and everybody.horizons_ago = standing.horizons_ago
),

final as (
    -- What was expected two horizons ago is held against what came in the horizon after that.
    select
        latest.rfm_cell,
        latest.customer_count,
        latest.expected_amount,
        earlier.expected_amount as backtest_expected_amount,
        latest.mean_amount as backtest_observed_amount
    from expected as latest
    left join expected as earlier
        on latest.rfm_cell = earlier.rfm_cell and earlier.horizons_ago = 2
    where latest.horizons_ago = 1
)

select * from final
