with

daily_delivery as (
    select * from {{ ref('stg_ads__daily_delivery') }}
    where delivery_date < cast({{ as_of() }} as date)
),

campaigns as (select * from {{ ref('stg_ads__campaigns') }}),

final as (
    select
        daily_delivery.campaign_id,
        daily_delivery.delivery_date,
        case
            when campaigns.campaign_id is null then 'unknown_campaign'
            else 'no_segment'
        end as reason,
        campaigns.experiment_key,
        daily_delivery.impressions,
        daily_delivery.clicks,
        daily_delivery.spend_reporting_amount as spend_amount,
        '{{ var("reporting_currency") }}' as currency_code,
        daily_delivery.platform_conversions
    from daily_delivery
    left join campaigns on daily_delivery.campaign_id = campaigns.campaign_id
    where campaigns.segment_id is null
)

select * from final
