-- crm/consents: one row per change of the consent mode's state that an event shows.
--
-- analytics_storage Yes grants analytics. ads_storage No withdraws ad_personalisation; Yes grants nothing, because whether
-- somebody allowed personalised advertising (ad_personalization of consent mode) is not in the export: take that from
-- your consent platform. Who denied analytics_storage has no id here, so that this withdrawal cannot be seen either.
with

states as (
    select
        user_pseudo_id,
        event_timestamp,
        'analytics' as purpose,
        case privacy_info.analytics_storage
            when 'Yes' then 'granted' when 'No' then 'withdrawn'
        end as status
    from events
    union all
    select
        user_pseudo_id,
        event_timestamp,
        'ad_personalisation' as purpose,
        case privacy_info.ads_storage when 'No' then 'withdrawn' end as status
    from events
),

-- Two states at one moment: the withdrawal counts.
states_of_moments as (
    select
        user_pseudo_id,
        purpose,
        event_timestamp,
        max(status) as status
    from states
    where user_pseudo_id is not null and status is not null
    group by user_pseudo_id, purpose, event_timestamp
),

with_former as (
    select
        *,
        lag(status) over (
            partition by user_pseudo_id, purpose order by event_timestamp
        ) as former_status
    from states_of_moments
),

final as (
    select
        own_id(concat_ws(':', user_pseudo_id, purpose, event_timestamp)) as consent_id,
        'anonymous_id' as identifier_type,
        user_pseudo_id as identifier_value,
        purpose,
        status,
        make_timestamp(event_timestamp) as recorded_at,
        'consent mode' as source
    from with_former
    where status is distinct from former_status
)

select * from final
order by all
