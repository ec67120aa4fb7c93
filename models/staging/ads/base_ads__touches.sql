{{ config(materialized='table') }}
{% set columns = [
    'touch_id', 'campaign_id', 'creative_key', 'identifier_type', 'identifier_value',
    'touch_type', 'touched_at',
] %}

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
checked as (
    select
        *,
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
),

repeated_keys as (
    select touch_id
    from checked
    where reason is null
    group by touch_id
    having count(*) > 1
),

-- Of touches that repeat a key the first counts, and at the same moment the first by all columns.
-- Only repeated keys are ranked: sorting every row of a large table would cost several times the
-- rest.
ranked as (
    select
        checked.*,
        row_number() over (
            partition by checked.touch_id
            order by checked.touched_at asc, {{ row_json(columns, 'checked') }} asc
        ) as copy_number
    from checked
    inner join repeated_keys
        on checked.touch_id = repeated_keys.touch_id
    where checked.reason is null
),

copies as (
    select
        checked.*,
        1 as copy_number
    from checked
    where
        checked.reason is not null
        or not exists (
            select 1
            from repeated_keys
            where repeated_keys.touch_id = checked.touch_id
        )
    union all
    select *
    from ranked
),

decided as (
    select
        *,
        {{ row_key(['touch_id']) }} as row_key,
        case when copy_number > 1 then 'duplicate_key' else reason end as reject_reason
    from copies
),

final as (
    select
        touch_id,
        campaign_id,
        creative_key,
        identifier_type,
        identifier_value,
        identifier_id,
        touch_type,
        touched_at,
        row_key,
        reject_reason,
        case when reject_reason is not null then {{ row_json(columns) }} end as row_json
    from decided
)

select * from final
