-- web/events: one row per coupon redeemed. Nothing was clicked, so it is no touch; it is an act of
-- the household, so it is an event, with a name of its own that seeds/event_types.csv does not
-- list and therefore does not weigh. A household uses a coupon once a day.
--
-- The records know the day of a redemption, not its hour. It happened at a till, so it stands at the
-- household's basket of that day: the first one with a coupon discount, else the first one. Baskets
-- have UTC times and redemptions have days of the shop, whose zone is New York: see README.md.
with baskets as (
    select
        basket_id,
        min(household_id) as household_id,
        min(transaction_timestamp) as bought_at,
        sum(coupon_disc) > 0 as has_coupon
    from transactions
    group by basket_id
),

baskets_of_days as (
    select
        household_id,
        cast(timezone('America/New_York', timezone('UTC', bought_at)) as date) as shop_date,
        bought_at,
        row_number() over (
            partition by
                household_id,
                cast(timezone('America/New_York', timezone('UTC', bought_at)) as date)
            order by has_coupon desc, bought_at, basket_id
        ) as basket_rank
    from baskets
),

final as (
    select
        concat_ws(
            '-',
            coupon_redemptions.household_id,
            coupon_redemptions.coupon_upc,
            coupon_redemptions.campaign_id,
            strftime(coupon_redemptions.redemption_date, '%Y%m%d')
        ) as event_id,
        'coupon_redeemed' as event_name,
        -- Every redemption has its basket. One that had none would stand at midnight, as stored.
        coalesce(baskets_of_days.bought_at, coupon_redemptions.redemption_date) as occurred_at,
        cast(null as timestamp) as received_at,
        cast(null as text) as anonymous_id,
        cast(coupon_redemptions.household_id as text) as user_id,
        cast(null as text) as page_url,
        cast(null as text) as referrer_url,
        cast(null as text) as search_query,
        cast(null as text) as product_id,
        cast(null as text) as content_id,
        cast(coupon_redemptions.campaign_id as text) as campaign_id,
        cast(null as text) as device_type,
        cast(null as bigint) as quantity,
        cast(null as double) as value_amount,
        cast(null as text) as currency_code,
        '{"coupon_upc": "' || coupon_redemptions.coupon_upc || '"}' as properties
    from coupon_redemptions
    left join baskets_of_days
        on
            coupon_redemptions.household_id = baskets_of_days.household_id
            and cast(coupon_redemptions.redemption_date as date) = baskets_of_days.shop_date
            and baskets_of_days.basket_rank = 1
)

select * from final
order by event_id
