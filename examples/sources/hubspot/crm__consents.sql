-- crm/consents: one row per decision of an address on e-mail.
--
-- Only a change of the whole account (PORTAL_STATUS) grants. Leaving a single subscription type withdraws as well, as does
-- a complaint: of two readings this is the one that addresses nobody against their will. A bounce is no decision.
-- Lost: which subscription type it was. If you send by type, give each a purpose of its own outside.
with

decisions as (
    select
        recipient,
        timestamp as recorded_at,
        source,
        change_type,
        email_subscription_id,
        case
            when change = 'SUBSCRIBED' and change_type = 'PORTAL_STATUS' then 'granted'
            when change in ('UNSUBSCRIBED', 'REPORTED_SPAM') then 'withdrawn'
        end as status
    from email_subscription_change
),

final as (
    select
        -- The address itself must not stand in an id.
        own_id(md5(cast(json_object(
            'recipient', lower(trim(recipient)),
            'at', epoch_us(recorded_at),
            'type', change_type,
            'subscription', email_subscription_id,
            'status', status
        ) as varchar))) as consent_id,
        'email' as identifier_type,
        recipient as identifier_value,
        'email_marketing' as purpose,
        status,
        cast(recorded_at as timestamp) as recorded_at,
        lower(source) as source
    from decisions
    where status is not null
)

select * from final
order by all
