{{ config(access='private', schema='intermediate') }}

with

routes as (select * from {{ ref('int_audience_routes') }}),

memberships as (select * from {{ ref('segment_memberships') }}),

consents as (
    select * from {{ ref('int_customer_consents') }}
    where is_granted
),

suppressions as (select * from {{ ref('suppressions') }}),

withheld as (select * from {{ ref('int_withheld_members') }}),

addresses as (select * from {{ ref('int_customer_addresses') }}),

candidates as (
    select
        routes.*,
        memberships.customer_id
    from routes
    inner join memberships on routes.segment_id = memberships.segment_id
),

reasons (suppression_reason, reason_rank) as (
    values
    ('internal', 1),
    ('bot', 2),
    ('unsubscribed', 3),
    ('recent_purchaser', 4),
    ('excluded_family', 5),
    ('frequency_capped', 6)
),

suppressed as (
    -- The one place where suppressions act. A cap, which passes with the days, is named last.
    select
        candidates.destination_key,
        candidates.segment_id,
        candidates.customer_id,
        min_by(reasons.suppression_reason, reasons.reason_rank) as suppression_reason
    from candidates
    inner join suppressions
        on
            candidates.customer_id = suppressions.customer_id
            and suppressions.scope_key = case suppressions.scope_type
                when 'everything' then 'all'
                when 'purpose' then candidates.required_consent
                when 'family' then candidates.family
                when 'destination' then candidates.destination_key
            end
    inner join reasons on suppressions.reason = reasons.suppression_reason
    group by candidates.destination_key, candidates.segment_id, candidates.customer_id
),

judged as (
    select
        candidates.destination_key,
        candidates.segment_id,
        candidates.customer_id,
        candidates.platform,
        candidates.bid_modifier,
        candidates.min_audience_size,
        candidates.barred_sensitivity,
        suppressed.suppression_reason,
        consents.customer_id is not null as has_consent,
        coalesce(withheld.is_held_out, false) as is_held_out,
        coalesce(withheld.is_control, false) as is_control,
        coalesce(
            case candidates.platform
                when 'google' then addresses.google_email_sha256
                else addresses.email_sha256
            end,
            addresses.phone_sha256
        ) is not null as has_address
    from candidates
    left join consents
        on
            candidates.customer_id = consents.customer_id
            and candidates.required_consent = consents.purpose
    left join suppressed
        on
            candidates.destination_key = suppressed.destination_key
            and candidates.segment_id = suppressed.segment_id
            and candidates.customer_id = suppressed.customer_id
    left join withheld
        on
            candidates.segment_id = withheld.segment_id
            and candidates.customer_id = withheld.customer_id
    left join addresses on candidates.customer_id = addresses.customer_id
),

final as (
    -- The first reason that holds is the one that is told.
    select
        *,
        case
            when barred_sensitivity is not null then 'sensitive_segment'
            when suppression_reason <> 'frequency_capped' then suppression_reason
            when not has_consent then 'no_consent'
            when is_held_out then 'held_out'
            when is_control then 'control'
            when suppression_reason is not null then suppression_reason
            when not has_address then 'no_address'
        end as exclusion_reason
    from judged
)

select * from final
