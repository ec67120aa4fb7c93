{{ config(
    pre_hook="{{ forget_expired_days(
        ref('base_web__events'), 'web/events', 'event_date',
        'occurred_at', ['anonymous_id', 'user_id']
    ) }}"
) }}

with events as (
    select * from {{ ref('base_web__events') }}
),

final as (
    select
        event_date,
        event_id,
        event_name,
        occurred_at,
        received_at,
        anonymous_id,
        user_id,
        identifier_id,
        unusable_id_count,
        page_url,
        referrer_url,
        search_query,
        product_id,
        content_id,
        campaign_id,
        device_type,
        quantity,
        value_amount,
        currency_code,
        value_reporting_amount,
        properties
    from events
    where reject_reason is null and removal_reason is null
)

select * from final
