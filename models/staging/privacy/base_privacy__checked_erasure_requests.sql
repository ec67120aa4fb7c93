-- A view: the identifier of a person who asked to be erased must not be kept.
{{ config(materialized='view') }}

with source as (
    select * from {{ source('privacy', 'erasure_requests') }}
),

typed as (
    select
        {{ clean_key('request_id') }} as request_id,
        lower({{ clean_free_text('identifier_type') }}) as identifier_type,
        {{ clean_text('identifier_value') }} as identifier_value,
        requested_at
    from source
),

cleaned as (
    select
        request_id,
        identifier_type,
        {{ clean_identifier_value('identifier_type', 'identifier_value') }} as identifier_value,
        identifier_value is not null as has_identifier,
        requested_at
    from typed
),

-- The first reason that holds is the row's reason.
checked as (
    select
        *,
        {{ identifier_id('identifier_type', 'identifier_value') }} as identifier_id,
        case
            when request_id is null then 'null_key'
            when identifier_type is null then 'missing_identifier_type'
            when not has_identifier then 'missing_identifier_value'
            when not {{ is_identifier_type('identifier_type') }} then 'unknown_identifier_type'
            when identifier_value is null then 'invalid_identifier_value'
            when identifier_type = 'account_id' then 'names_no_person'
            when requested_at is null then 'missing_requested_at'
            when {{ is_too_old('requested_at') }} then 'timestamp_too_old'
            when {{ is_in_future('requested_at') }} then 'timestamp_in_future'
        end as reason
    from cleaned
),

-- Of requests that repeat a key the first counts. A row refused for another reason takes no part.
-- All columns follow, so that the order is total.
ranked as (
    select
        *,
        row_number() over (
            partition by request_id, reason is null
            order by
                requested_at asc,
                identifier_type asc nulls last,
                identifier_value asc nulls last
        ) as copy_number
    from checked
),

final as (
    select
        request_id,
        identifier_type,
        identifier_id,
        requested_at,
        case
            when reason is not null then reason
            when copy_number > 1 then 'duplicate_key'
        end as reason
    from ranked
)

select * from final
