with

profiles as (select * from {{ ref('int_customer_profiles') }}),

final as (
    select
        customer_id,
        first_seen_at,
        last_seen_at,
        is_known,
        is_internal,
        is_bot,
        is_targetable,
        lifecycle_stage,
        lifecycle_since,
        country_code,
        account_id,
        has_ad_consent,
        has_email_consent,
        order_count,
        revenue_amount,
        '{{ var("reporting_currency") }}' as currency_code,
        first_ordered_at,
        last_ordered_at,
        rfm_recency,
        rfm_frequency,
        rfm_monetary,
        loyalty_tier,
        preferred_hour,
        preferred_hour_day_count,
        preferred_weekday,
        preferred_weekday_day_count,
        preferred_device,
        preferred_device_day_count,
        {{ as_of() }} as as_of
    from profiles
)

select * from final
