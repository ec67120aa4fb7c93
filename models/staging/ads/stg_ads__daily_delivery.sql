with daily_delivery as (
    select * from {{ ref('base_ads__daily_delivery') }}
),

final as (
    select
        campaign_id,
        delivery_date,
        impressions,
        clicks,
        spend_amount,
        currency_code,
        spend_reporting_amount,
        platform_conversions
    from daily_delivery
    where reject_reason is null
)

select * from final
