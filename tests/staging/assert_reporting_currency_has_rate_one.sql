-- Amounts are shown in the reporting currency: it must stand among the rates, and be worth itself.
with rates as (
    select * from {{ ref('exchange_rates') }}
),

final as (
    select
        coalesce(max(rate_to_reporting), 0) as rate_to_reporting,
        'seeds/exchange_rates.csv needs a row {{ var("reporting_currency") }},1 for the variable '
        || 'reporting_currency' as problem
    from rates
    where currency_code = '{{ var("reporting_currency") }}'
    having coalesce(max(rate_to_reporting), 0) <> 1
)

select * from final
