with

cells as (select * from {{ ref('int_rfm_cell_values') }}),

dates as (
    select * from {{ ref('int_scoring_dates') }}
    where purpose = 'value'
),

history as (
    select max(horizon_days) as horizon_days, count(*) filter (where has_history) as moments
    from dates
),

everybody as (
    select
        coalesce(sum(customer_count), 0) as customer_count,
        {{ stable_sum('customer_count * expected_amount') }} / sum(customer_count)
            as expected_amount,
        {{ stable_sum('customer_count * backtest_expected_amount') }} / sum(customer_count)
            as backtest_expected_amount,
        {{ stable_sum('customer_count * coalesce(backtest_observed_amount, 0)') }}
        / sum(customer_count) as backtest_observed_amount
    from cells
),

combined as (
    select
        rfm_cell,
        customer_count,
        expected_amount,
        backtest_expected_amount,
        backtest_observed_amount
    from cells
    union all
    select
        'all' as rfm_cell,
        customer_count,
        expected_amount,
        backtest_expected_amount,
        backtest_observed_amount
    from everybody
),

final as (
    select
        combined.rfm_cell,
        cast(combined.customer_count as bigint) as customer_count,
        combined.expected_amount as expected_revenue_amount,
        combined.backtest_expected_amount,
        -- Where nothing was expected there is nothing to hold against it.
        case
            when combined.backtest_expected_amount is not null
                then combined.backtest_observed_amount
        end as backtest_observed_amount,
        combined.backtest_expected_amount - combined.backtest_observed_amount
            as backtest_error_amount,
        '{{ var("reporting_currency") }}' as currency_code,
        history.horizon_days,
        case
            when history.moments < 2
                then
                    'no values: they need '
                    || cast(2 * history.horizon_days as {{ dbt.type_string() }})
                    || ' days of history before as_of'
            when history.moments < 3
                then
                    'not back-tested: that needs '
                    || cast(3 * history.horizon_days as {{ dbt.type_string() }})
                    || ' days of history before as_of'
            when combined.customer_count = 0 then 'nobody stood in this cell: the mean of all holds'
            when combined.customer_count < 20
                then 'few stood in this cell: the mean of all weighs more than theirs'
            else 'back-tested'
        end as detail,
        {{ as_of() }} as as_of
    from combined
    cross join history
)

select * from final
