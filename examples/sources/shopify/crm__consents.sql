-- crm/consents: one row per customer who said yes or no to e-mail marketing.
--
-- Shopify keeps the last decision only. not_subscribed, pending and invalid are no decision. A no without a time is dated as
-- late as it can be, a yes as early, so that doubt never addresses anybody.
-- Lost: earlier decisions, consent to SMS (no purpose here), cookie consent, which Shopify keeps elsewhere.
with

decisions as (
    select
        id,
        email_marketing_consent_consent_updated_at,
        created_at,
        updated_at,
        case
            when email_marketing_consent_state = 'subscribed' then 'granted'
            when email_marketing_consent_state in ('unsubscribed', 'redacted') then 'withdrawn'
        end as status
    from customer
),

final as (
    select
        own_id(id) || ':email_marketing' as consent_id,
        'contact_id' as identifier_type,
        own_id(id) as identifier_value,
        'email_marketing' as purpose,
        status,
        cast(
            coalesce(
                email_marketing_consent_consent_updated_at,
                case when status = 'withdrawn' then updated_at end,
                created_at
            ) as timestamp
        ) as recorded_at,
        'shop' as source
    from decisions
    where status is not null
)

select * from final
order by all
