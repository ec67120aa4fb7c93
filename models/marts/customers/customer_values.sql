with

expected_values as (select * from {{ ref('int_customer_expected_values') }}),

final as (
    select
        customer_id,
        expected_revenue_amount,
        '{{ var("reporting_currency") }}' as currency_code,
        {{ var('value_horizon_days') }} as horizon_days,
        decile,
        rfm_cell,
        cell_customer_count,
        backtest_error_amount,
        {{ as_of() }} as as_of
    from expected_values
)

select * from final
