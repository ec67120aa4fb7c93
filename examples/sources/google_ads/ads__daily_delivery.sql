-- ads/daily_delivery: one row per campaign and day, over devices and networks.
--
-- A day is one of the account's time zone, not of UTC: near midnight a figure can stand a day off. Money is in millionths of
-- the account's currency. Conversions are what Google claims, fractions included; view-through conversions are left out.
-- Lost: who saw or clicked, which Google tells nobody; so there are no ads/touches.
with

latest_accounts as (
    select id, currency_code
    from account_history
    qualify row_number() over (partition by id order by updated_at desc, currency_code) = 1
),

days as (
    select
        customer_id,
        id,
        date,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        -- Added as whole millionths, so that the sum has no rounding.
        sum(cost_micros) as cost_micros,
        sum(conversions) as conversions
    from campaign_stats
    group by customer_id, id, date
),

final as (
    select
        own_id(days.id) as campaign_id,
        cast(days.date as date) as delivery_date,
        cast(days.impressions as bigint) as impressions,
        cast(days.clicks as bigint) as clicks,
        cast(days.cost_micros as double) / 1000000 as spend_amount,
        latest_accounts.currency_code,
        cast(days.conversions as double) as platform_conversions
    from days
    left join latest_accounts on days.customer_id = latest_accounts.id
)

select * from final
order by all
