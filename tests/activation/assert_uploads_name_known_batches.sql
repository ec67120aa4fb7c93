-- A report of a batch that no build made for that destination and segment counts for nothing: most likely
-- an id was cut or mistyped.
{{ config(severity='warn') }}

with

uploads as (select * from {{ ref('stg_activation__uploads') }}),

batches as (
    select batch_id, destination_key, segment_id
    from {{ ref('int_audience_batch_rows') }}
    where operation = 'batch'
),

final as (
    select
        'activation/uploads: report ' || uploads.upload_id || ' names batch ' || uploads.batch_id
        || ' of ' || uploads.segment_id || ' at ' || uploads.destination_key
        || ', which no build has made; it counts for nothing' as problem
    from uploads
    left join batches
        on
            uploads.batch_id = batches.batch_id
            and uploads.destination_key = batches.destination_key
            and uploads.segment_id = batches.segment_id
    where batches.batch_id is null
)

select * from final
