-- web/events: one row per coupon redeemed. Nothing was clicked, so it is no touch; it is an act of
-- the household, so it is an event, with a name of its own that seeds/event_types.csv does not
-- list and therefore does not weigh. The wheel knows its day, not its hour: midnight, as stored. A
-- household uses a coupon once a day.
with final as (
    select
        concat_ws(
            '-', household_id, coupon_upc, campaign_id, strftime(redemption_date, '%Y%m%d')
        ) as event_id,
        'coupon_redeemed' as event_name,
        redemption_date as occurred_at,
        cast(null as timestamp) as received_at,
        cast(null as text) as anonymous_id,
        cast(household_id as text) as user_id,
        cast(null as text) as page_url,
        cast(null as text) as referrer_url,
        cast(null as text) as search_query,
        cast(null as text) as product_id,
        cast(null as text) as content_id,
        cast(campaign_id as text) as campaign_id,
        cast(null as text) as device_type,
        cast(null as bigint) as quantity,
        cast(null as double) as value_amount,
        cast(null as text) as currency_code,
        '{"coupon_upc": "' || coupon_upc || '"}' as properties
    from coupon_redemptions
)

select * from final
order by event_id
