-- ads/touches: one row per e-mail sent, opened or clicked.
--
-- What HubSpot filtered (bots, own staff) is left out. Opens are counted by an image that mail programs load unasked:
-- they say little. Lost: bounces and drops, so that a send may not have arrived.
with

email_events as (
    select
        id,
        email_campaign_id,
        recipient,
        created,
        case type
            when 'SENT' then 'send'
            when 'OPEN' then 'open'
            when 'CLICK' then 'click'
        end as touch_type
    from email_event
    where not coalesce(filtered_event, false)
),

final as (
    select
        own_id(email_events.id) as touch_id,
        own_id(email_events.email_campaign_id) as campaign_id,
        cast(email_campaign.content_id as varchar) as creative_key,
        'email' as identifier_type,
        email_events.recipient as identifier_value,
        email_events.touch_type,
        cast(email_events.created as timestamp) as touched_at
    from email_events
    left join email_campaign on email_events.email_campaign_id = email_campaign.id
    where email_events.touch_type is not null
)

select * from final
order by all
