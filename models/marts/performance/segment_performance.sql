with

daily_delivery as (
    select * from {{ ref('stg_ads__daily_delivery') }}
    where delivery_date < cast({{ as_of() }} as date)
),

campaigns as (
    select * from {{ ref('stg_ads__campaigns') }}
    where segment_id is not null
),

touches as (
    select * from {{ ref('int_consented_touches') }}
    where touch_date >= cast({{ attribution_starts_at() }} as date)
),

last_touches as (
    select * from {{ ref('conversion_attribution') }}
    where model = 'last'
),

delivered as (
    -- What the platforms say.
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

touched as (
    -- What is known by person.
    select
        campaigns.segment_id,
        touches.touch_date as delivery_date,
        count(distinct touches.customer_id) as touched_customers,
        count(distinct case
            when touches.touch_type in ('click', 'open') then touches.customer_id
        end) as engaged_customers
    from touches
    inner join campaigns on touches.campaign_id = campaigns.campaign_id
    group by campaigns.segment_id, touches.touch_date
),

converted as (
    -- On the day of the touch, beside what that day cost.
    select
        campaigns.segment_id,
        last_touches.touch_date as delivery_date,
        count(*) as conversions,
        count(distinct last_touches.customer_id) as converted_customers,
        {{ stable_sum('last_touches.revenue_amount') }} as revenue_amount
    from last_touches
    inner join campaigns on last_touches.campaign_id = campaigns.campaign_id
    group by campaigns.segment_id, last_touches.touch_date
),

known_days as (
    select segment_id, delivery_date from delivered
    union
    select segment_id, delivery_date from touched
),

measured as (
    -- Of a day on which nobody was touched by name, nobody can be seen to order: null, and not 0.
    select
        known_days.segment_id,
        known_days.delivery_date,
        delivered.impressions,
        delivered.clicks,
        delivered.spend_amount,
        delivered.platform_conversions,
        touched.touched_customers,
        touched.engaged_customers,
        case
            when touched.touched_customers > 0 then coalesce(converted.converted_customers, 0)
        end as converted_customers,
        case when touched.touched_customers > 0 then coalesce(converted.conversions, 0) end
            as conversions,
        case when touched.touched_customers > 0 then coalesce(converted.revenue_amount, 0) end
            as revenue_amount
    from known_days
    left join delivered
        on
            known_days.segment_id = delivered.segment_id
            and known_days.delivery_date = delivered.delivery_date
    left join touched
        on
            known_days.segment_id = touched.segment_id
            and known_days.delivery_date = touched.delivery_date
    left join converted
        on
            known_days.segment_id = converted.segment_id
            and known_days.delivery_date = converted.delivery_date
),

final as (
    select
        segment_id,
        delivery_date,
        impressions,
        clicks,
        spend_amount,
        '{{ var("reporting_currency") }}' as currency_code,
        {{ share_of('clicks', 'impressions') }} as ctr,
        spend_amount / nullif(clicks, 0) as cpc,
        platform_conversions,
        touched_customers,
        engaged_customers,
        {{ share_of('engaged_customers', 'touched_customers') }} as engagement_rate,
        converted_customers,
        {{ share_of('converted_customers', 'touched_customers') }} as conversion_rate,
        conversions,
        revenue_amount,
        revenue_amount / nullif(conversions, 0) as aov,
        spend_amount / nullif(conversions, 0) as cpa,
        revenue_amount / nullif(spend_amount, 0) as roas,
        {{ dbt.dateadd(
            'day', 1 + var('attribution_lookback_days'), 'cast(delivery_date as timestamp)'
        ) }} <= {{ as_of() }} as is_complete
    from measured
)

select * from final
