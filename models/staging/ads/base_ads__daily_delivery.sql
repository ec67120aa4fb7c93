{{ config(materialized='table') }}

with source as (
    select * from {{ source('ads', 'daily_delivery') }}
),

exchange_rates as (
    select * from {{ ref('exchange_rates') }}
),

cleaned as (
    select
        {{ clean_text('campaign_id') }} as campaign_id,
        delivery_date,
        impressions,
        clicks,
        spend_amount,
        upper({{ clean_text('currency_code') }}) as currency_code,
        platform_conversions
    from source
),

-- The first reason that holds is the row's reason.
checked as (
    select
        cleaned.*,
        cleaned.spend_amount * exchange_rates.rate_to_reporting as spend_reporting_amount,
        case
            when cleaned.campaign_id is null or cleaned.delivery_date is null then 'null_key'
            when cleaned.impressions is null then 'missing_impressions'
            when cleaned.clicks is null then 'missing_clicks'
            when cleaned.spend_amount is null then 'missing_spend_amount'
            when cleaned.currency_code is null then 'missing_currency'
            when exchange_rates.currency_code is null then 'unknown_currency'
            when cleaned.impressions < 0 or cleaned.clicks < 0 then 'negative_quantity'
            when cleaned.clicks > cleaned.impressions then 'clicks_exceed_impressions'
            when {{ is_not_finite('cleaned.spend_amount') }} then 'not_finite'
            when {{ is_not_finite('cleaned.platform_conversions') }} then 'not_finite'
            when cleaned.spend_amount < 0 then 'negative_amount'
            when cleaned.platform_conversions < 0 then 'negative_quantity'
            when {{ is_too_old('cleaned.delivery_date') }} then 'timestamp_too_old'
            when {{ is_in_future('cleaned.delivery_date') }} then 'timestamp_in_future'
        end as reason
    from cleaned
    left join exchange_rates
        on cleaned.currency_code = exchange_rates.currency_code
),

-- Platforms raise the figures of a day when they report it again: of days that repeat a key the one
-- with most impressions counts. A row refused for another reason takes no part. All columns follow,
-- so that the order is total.
ranked as (
    select
        *,
        row_number() over (
            partition by campaign_id, delivery_date, reason is null
            order by
                impressions desc,
                clicks desc,
                spend_amount desc,
                currency_code asc nulls last,
                platform_conversions desc nulls last
        ) as copy_number
    from checked
),

decided as (
    select
        *,
        {{ row_key(['campaign_id', 'delivery_date']) }} as row_key,
        case
            when reason is not null then reason
            when copy_number > 1 then 'duplicate_key'
        end as reject_reason
    from ranked
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
        platform_conversions,
        row_key,
        reject_reason,
        case
            when reject_reason is not null then {{ row_json([
                'campaign_id', 'delivery_date', 'impressions', 'clicks',
                'spend_amount', 'currency_code', 'platform_conversions',
            ]) }}
        end as row_json
    from decided
)

select * from final
