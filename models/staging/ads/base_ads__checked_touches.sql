-- A view: a table would be as large as the raw one.
{{ config(materialized='view') }}

with source as (
    select * from {{ source('ads', 'touches') }}
),

typed as (
    select
        {{ clean_text('touch_id') }} as touch_id,
        {{ clean_text('campaign_id') }} as campaign_id,
        {{ clean_text('creative_key') }} as creative_key,
        lower({{ clean_text('identifier_type') }}) as identifier_type,
        {{ clean_text('identifier_value') }} as identifier_value,
        lower({{ clean_text('touch_type') }}) as touch_type,
        touched_at
    from source
),

cleaned as (
    select
        touch_id,
        campaign_id,
        creative_key,
        identifier_type,
        {{ clean_identifier_value('identifier_type', 'identifier_value') }} as identifier_value,
        identifier_value is not null as has_identifier,
        touch_type,
        touched_at
    from typed
),

-- The first reason that holds is the row's reason.
final as (
    select
        {{ day_of('touched_at') }} as touch_date,
        touch_id,
        campaign_id,
        creative_key,
        identifier_type,
        identifier_value,
        touch_type,
        touched_at,
        {{ identifier_id('identifier_type', 'identifier_value') }} as identifier_id,
        case
            when touch_id is null then 'null_key'
            when identifier_type is null then 'missing_identifier_type'
            when not has_identifier then 'missing_identifier_value'
            when not {{ is_identifier_type('identifier_type') }} then 'unknown_identifier_type'
            when identifier_value is null then 'invalid_identifier_value'
            when touch_type is null then 'missing_touch_type'
            when touched_at is null then 'missing_touched_at'
            when touch_type not in ('impression', 'click', 'send', 'open', 'would_be_impression')
                then 'unknown_touch_type'
            when {{ is_too_old('touched_at') }} then 'timestamp_too_old'
            when {{ is_in_future('touched_at') }} then 'timestamp_in_future'
        end as reason
    from cleaned
)

select * from final
