-- ads/daily_delivery: one row per campaign and day, over its ads.
--
-- A day is one of the ad account's time zone, not of UTC. Of a day that was extracted again, as Airbyte does while Meta still
-- changes it, the last extraction counts. Clicks are all clicks, those on the profile too. Conversions are purchases that
-- Meta claims, by the attribution window of the account; the same purchase stands under several action types, of which
-- `purchase` is the one that holds them all, so the others are not added.
-- Lost: who saw or clicked; so there are no ads/touches. Rows over several days (no time_increment of 1) are left out.
with

latest_rows as (
    select *
    from ads_insights
    where date_start = date_stop
    qualify row_number() over (
            partition by ad_id, date_start
            order by
                _airbyte_extracted_at desc,
                cast(impressions as bigint) desc,
                cast(spend as double) desc
        ) = 1
),

with_purchases as (
    select
        *,
        list_sum(list_transform(
            list_filter(
                json_extract(actions, '$[*]'),
                lambda a: a ->> '$.action_type' = 'purchase'
            ),
            lambda a: cast(a ->> '$.value' as double)
        )) as purchases
    from latest_rows
),

final as (
    select
        own_id(campaign_id) as campaign_id,
        cast(date_start as date) as delivery_date,
        cast(sum(cast(impressions as bigint)) as bigint) as impressions,
        -- Meta leaves out what is zero.
        cast(sum(coalesce(cast(clicks as bigint), 0)) as bigint) as clicks,
        -- Cents are added as decimals, so that the sum does not depend on the order of the ads.
        cast(sum(coalesce(cast(spend as decimal(18, 4)), 0)) as double) as spend_amount,
        max(account_currency) as currency_code,
        sum(coalesce(purchases, 0)) as platform_conversions
    from with_purchases
    group by campaign_id, date_start
)

select * from final
order by all
