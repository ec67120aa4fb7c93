-- crm/consents: one row per consent event and purpose that it names.
--
-- The scopes are words of your own consent banner: the list below says what each means here, and is yours to change.
-- A banner that asks for e-mail too needs a third row; without one, refusing cookies says nothing of the newsletter.
-- A scope that a choice does not name is withdrawn by it, since the event lists all that the person allows.
with

consent_events as (
    select
        *,
        unstruct_event_com_snowplowanalytics_snowplow_consent_preferences_1 as preferences
    from events
    where event_name = 'consent_preferences'
),

choices as (
    select
        event_id,
        coalesce(derived_tstamp, collector_tstamp) as recorded_at,
        case when user_id is not null then 'user_id' else 'anonymous_id' end as identifier_type,
        coalesce(user_id, domain_userid) as identifier_value,
        preferences ->> '$.eventType' as choice,
        cast(preferences -> '$.consentScopes' as varchar[]) as scopes
    from consent_events
),

purposes (scope, purpose) as (
    values
        ('analytics', 'analytics'),
        ('advertisement', 'ad_personalisation')
),

final as (
    select
        own_id(choices.event_id) || '-' || purposes.purpose as consent_id,
        choices.identifier_type,
        choices.identifier_value,
        purposes.purpose,
        case
            when choices.choice = 'allow_all' then 'granted'
            when
                choices.choice = 'allow_selected'
                and list_contains(choices.scopes, purposes.scope)
                then 'granted'
            else 'withdrawn'
        end as status,
        cast(choices.recorded_at as timestamp) as recorded_at,
        'consent banner' as source
    from choices
    cross join purposes
    -- What is pending or implied is no decision; what has expired holds no more.
    where choices.choice in ('allow_all', 'allow_selected', 'deny_all', 'withdrawn', 'expired')
)

select * from final
order by all
