-- All amounts are shown in the reporting currency, so it converts to itself.
with exchange_rates as (
    select * from {{ ref('exchange_rates') }}
),

rate as (
    select max(rate_to_reporting) as rate_to_reporting
    from exchange_rates
    where currency_code = '{{ var("reporting_currency") }}'
),

final as (
    select
        'reporting_currency is {{ var("reporting_currency") }}, and its rate in '
        || 'seeds/exchange_rates.csv is '
        || coalesce(cast(rate_to_reporting as string), 'missing') || '; it must be 1' as problem
    from rate
    where rate_to_reporting is null or rate_to_reporting <> 1
)

select * from final
