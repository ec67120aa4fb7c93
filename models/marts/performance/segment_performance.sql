with

daily_delivery as (
    select * from {{ ref('stg_ads__daily_delivery') }}
    where delivery_date < cast({{ as_of() }} as date)
),

campaigns as (
    select * from {{ ref('stg_ads__campaigns') }}
    where segment_id is not null
),

delivered as (
    select
        campaigns.segment_id,
        daily_delivery.delivery_date,
        cast(sum(daily_delivery.impressions) as bigint) as impressions,
        cast(sum(daily_delivery.clicks) as bigint) as clicks,
        {{ stable_sum('daily_delivery.spend_reporting_amount') }} as spend_amount,
        {{ stable_sum('daily_delivery.platform_conversions') }} as platform_conversions
    from daily_delivery
    inner join campaigns on daily_delivery.campaign_id = campaigns.campaign_id
    group by campaigns.segment_id, daily_delivery.delivery_date
),

final as (
    select
        segment_id,
        delivery_date,
        impressions,
        clicks,
        spend_amount,
        '{{ var("reporting_currency") }}' as currency_code,
        clicks / cast(nullif(impressions, 0) as double) as ctr,
        spend_amount / nullif(clicks, 0) as cpc,
        platform_conversions
    from delivered
)

select * from final
