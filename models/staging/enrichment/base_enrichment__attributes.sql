{{ config(materialized='table') }}

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
        {{ clean_text('attribute_value') }} as attribute_value,
        observed_at,
        expires_at,
        lower({{ clean_text('legal_basis') }}) as legal_basis
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
checked as (
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
),

-- Of attributes that repeat a key the one that expires first counts. A row refused for another
-- reason takes no part. All columns follow, so that the order is total.
ranked as (
    select
        *,
        row_number() over (
            partition by
                provider,
                identifier_type,
                identifier_value,
                attribute_name,
                observed_at,
                reason is null
            order by
                expires_at asc nulls last,
                attribute_value asc nulls last,
                party asc nulls last,
                legal_basis asc nulls last
        ) as copy_number
    from checked
),

decided as (
    select
        *,
        {{ row_key([
            'provider', 'identifier_type', 'identifier_value', 'attribute_name', 'observed_at',
        ]) }} as row_key,
        case
            when reason is not null then reason
            when copy_number > 1 then 'duplicate_key'
        end as reject_reason
    from ranked
),

final as (
    select
        provider,
        party,
        identifier_type,
        identifier_value,
        identifier_id,
        attribute_name,
        attribute_value,
        observed_at,
        expires_at,
        legal_basis,
        row_key,
        reject_reason,
        case
            when reject_reason is not null then {{ row_json([
                'provider', 'party', 'identifier_type', 'identifier_value',
                'attribute_name', 'attribute_value', 'observed_at', 'expires_at',
                'legal_basis',
            ]) }}
        end as row_json
    from decided
)

select * from final
