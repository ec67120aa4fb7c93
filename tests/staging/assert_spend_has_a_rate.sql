-- Spend in a currency without a rate would be missing from every cost. XXX, which ISO 4217 keeps for "no
-- currency", says that there is none: such a row is refused and stops nothing.
{{ config(group='staging') }}
with

daily_delivery as (
    select * from {{ ref('base_ads__daily_delivery') }}
    where reject_reason = 'unknown_currency' and currency_code <> 'XXX'
),

final as (
    select
        currency_code,
        'seeds/exchange_rates.csv has no rate for ' || currency_code || ', in which '
        || {{ number_text('count(*)') }} || ' rows of ads/daily_delivery stand, of '
        || min(campaign_id) || ' first; add it' as problem
    from daily_delivery
    group by currency_code
)

select * from final
