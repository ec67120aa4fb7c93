with uploads as (
    select * from {{ ref('base_activation__uploads') }}
),

final as (
    select
        upload_id,
        batch_id,
        destination_key,
        segment_id,
        status,
        row_count,
        reported_at
    from uploads
    where reject_reason is null
)

select * from final
