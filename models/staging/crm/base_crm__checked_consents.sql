{{ config(materialized='view') }}

with source as (
    select * from {{ source('crm', 'consents') }}
),

typed as (
    select
        {{ clean_key('consent_id') }} as consent_id,
        lower({{ clean_text('identifier_type') }}) as identifier_type,
        {{ clean_text('identifier_value') }} as identifier_value,
        lower({{ clean_free_text('purpose') }}) as purpose,
        lower({{ clean_text('status') }}) as status,
        recorded_at,
        {{ clean_free_text('source') }} as consent_source
    from source
),

cleaned as (
    select
        consent_id,
        identifier_type,
        {{ clean_identifier_value('identifier_type', 'identifier_value') }} as identifier_value,
        identifier_value is not null as has_identifier,
        purpose,
        status,
        recorded_at,
        consent_source
    from typed
),

-- The first reason that holds is the row's reason.
final as (
    select
        *,
        {{ identifier_id('identifier_type', 'identifier_value') }} as identifier_id,
        case
            when consent_id is null then 'null_key'
            when identifier_type is null then 'missing_identifier_type'
            when not has_identifier then 'missing_identifier_value'
            when not {{ is_identifier_type('identifier_type') }} then 'unknown_identifier_type'
            when identifier_value is null then 'invalid_identifier_value'
            when purpose is null then 'missing_purpose'
            when status is null then 'missing_status'
            when recorded_at is null then 'missing_recorded_at'
            when purpose not in ('analytics', 'email_marketing', 'ad_personalisation')
                then 'unknown_purpose'
            when status not in ('granted', 'withdrawn') then 'unknown_status'
            when {{ is_too_old('recorded_at') }} then 'timestamp_too_old'
            when {{ is_in_future('recorded_at') }} then 'timestamp_in_future'
        end as reason
    from cleaned
)

select * from final
