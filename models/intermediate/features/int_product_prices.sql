with

daily_prices as (
    select * from {{ ref('int_product_prices_daily') }}
    where activity_date < {{ as_of() }}
),

currencies as (
    select
        product_id,
        currency_code,
        row_number() over (
            partition by product_id
            order by sum(observation_count) desc, currency_code
        ) as currency_rank
    from daily_prices
    group by product_id, currency_code
),

final as (
    -- One currency a product, the one that it is mostly shown in: two would look like a price that jumps.
    select
        daily_prices.product_id,
        daily_prices.activity_date as price_date,
        lead(daily_prices.activity_date) over (
            partition by daily_prices.product_id
            order by daily_prices.activity_date
        ) as next_price_date,
        daily_prices.unit_price,
        daily_prices.currency_code,
        daily_prices.observation_count
    from daily_prices
    inner join currencies
        on
            daily_prices.product_id = currencies.product_id
            and daily_prices.currency_code = currencies.currency_code
    where currencies.currency_rank = 1
)

select * from final
