{{ config(materialized='table') }}

with source as (
    select * from {{ source('activation', 'uploads') }}
),

cleaned as (
    select
        {{ clean_text('upload_id') }} as upload_id,
        {{ clean_text('batch_id') }} as batch_id,
        {{ clean_text('destination_key') }} as destination_key,
        {{ clean_text('segment_id') }} as segment_id,
        lower({{ clean_text('status') }}) as status,
        row_count,
        reported_at
    from source
),

-- The first reason that holds is the row's reason.
checked as (
    select
        *,
        case
            when upload_id is null then 'null_key'
            when batch_id is null then 'missing_batch_id'
            when destination_key is null then 'missing_destination_key'
            when segment_id is null then 'missing_segment_id'
            when status is null then 'missing_status'
            when reported_at is null then 'missing_reported_at'
            when status not in ('confirmed', 'failed') then 'unknown_status'
            when row_count < 0 then 'negative_quantity'
            when {{ is_too_old('reported_at') }} then 'timestamp_too_old'
            when {{ is_in_future('reported_at') }} then 'timestamp_in_future'
        end as reason
    from cleaned
),

-- Of reports that repeat a key the first counts, and at the same moment the one that confirms less.
-- A row refused for another reason takes no part. All columns follow, so that the order is total.
ranked as (
    select
        *,
        row_number() over (
            partition by upload_id, reason is null
            order by
                reported_at asc nulls last,
                status desc nulls last,
                row_count asc nulls last,
                batch_id asc nulls last,
                destination_key asc nulls last,
                segment_id asc nulls last
        ) as copy_number
    from checked
),

decided as (
    select
        *,
        {{ row_key(['upload_id']) }} as row_key,
        case
            when reason is not null then reason
            when copy_number > 1 then 'duplicate_key'
        end as reject_reason
    from ranked
),

final as (
    select
        upload_id,
        batch_id,
        destination_key,
        segment_id,
        status,
        row_count,
        reported_at,
        row_key,
        reject_reason,
        case
            when reject_reason is not null then {{ row_json([
                'upload_id', 'batch_id', 'destination_key', 'segment_id', 'status', 'row_count',
                'reported_at',
            ]) }}
        end as row_json
    from decided
)

select * from final
