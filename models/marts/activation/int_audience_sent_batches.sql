{#- Reads the memory of what was sent, as it was before this run. Erased customers are renamed first. -#}
-- depends_on: {{ ref('stg_privacy__erased_customers') }}
{{
    config(
        pre_hook="{{ rename_erased_audience_members(ref('stg_privacy__erased_customers')) }}",
        access='private',
        schema='intermediate'
    )
}}

with

uploads as (select * from {{ ref('stg_activation__uploads') }}),

batch_rows as (
    {{ audience_batch_rows_before() }}
),

batches as (
    select
        batch_id,
        batch_number,
        follows_batch_id,
        batch_row_count,
        destination_key,
        segment_id,
        as_of
    from batch_rows
    where operation = 'batch'
),

ranked_reports as (
    -- The last word counts; of two at one moment the one that confirms less.
    select
        *,
        row_number() over (
            partition by batch_id, destination_key, segment_id
            order by
                reported_at desc,
                status desc,
                row_count asc nulls last,
                upload_id desc
        ) as report_rank
    from uploads
),

final as (
    select
        batches.*,
        case
            when reports.status is null then 'open'
            when reports.status = 'failed' then 'failed'
            when reports.row_count <> batches.batch_row_count then 'partial'
            else 'confirmed'
        end as status,
        reports.reported_at,
        row_number() over (
            partition by batches.destination_key, batches.segment_id
            order by batches.batch_number desc
        ) = 1 as is_newest
    from batches
    left join ranked_reports as reports
        on
            batches.batch_id = reports.batch_id
            and batches.destination_key = reports.destination_key
            and batches.segment_id = reports.segment_id
            and reports.report_rank = 1
)

select * from final
