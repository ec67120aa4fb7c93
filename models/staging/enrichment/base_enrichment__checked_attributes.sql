{{ config(materialized='view') }}

with source as (
    select * from {{ source('enrichment', 'attributes') }}
),

typed as (
    select
        {{ clean_text('provider') }} as provider,
        lower({{ clean_text('party') }}) as party,
        lower({{ clean_text('identifier_type') }}) as identifier_type,
        {{ clean_text('identifier_value') }} as identifier_value,
        {{ clean_text('attribute_name') }} as attribute_name,
        {{ clean_free_text('attribute_value') }} as attribute_value,
        observed_at,
        expires_at,
        lower({{ clean_free_text('legal_basis') }}) as legal_basis
    from source
),

cleaned as (
    select
        provider,
        party,
        identifier_type,
        {{ clean_identifier_value('identifier_type', 'identifier_value') }} as identifier_value,
        identifier_value is not null as has_identifier,
        attribute_name,
        attribute_value,
        observed_at,
        expires_at,
        legal_basis
    from typed
),

-- The first reason that holds is the row's reason.
final as (
    select
        *,
        {{ identifier_id('identifier_type', 'identifier_value') }} as identifier_id,
        case
            when provider is null
                or identifier_type is null
                or not has_identifier
                or attribute_name is null
                or observed_at is null
                then 'null_key'
            when party is null then 'missing_party'
            when not {{ is_identifier_type('identifier_type') }} then 'unknown_identifier_type'
            when identifier_value is null then 'invalid_identifier_value'
            when attribute_value is null then 'missing_attribute_value'
            when legal_basis is null then 'missing_legal_basis'
            when party not in ('second', 'third') then 'unknown_party'
            when {{ is_too_old('observed_at') }} then 'timestamp_too_old'
            when {{ is_in_future('observed_at') }} then 'timestamp_in_future'
            when {{ is_too_old('expires_at') }} then 'timestamp_too_old'
            when {{ is_unbounded('expires_at') }} then 'timestamp_in_future'
        end as reason
    from cleaned
)

select * from final
