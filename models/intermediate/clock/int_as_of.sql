with

last_facts as (select * from {{ ref('stg_clock__last_facts') }}),

watermark as (
    -- The midnight after the last fact, so that the half-open windows still hold that fact.
    select {{ dbt.dateadd('day', 1, "date_trunc('day', max(last_fact_at))") }} as watermark_at
    from last_facts
),

final as (
    -- A day that has not ended yet is not described: today's rows count from tomorrow's build on.
    select
        coalesce(
            cast(nullif('{{ var("as_of") }}', '') as timestamp),
            least(watermark_at, date_trunc('day', {{ run_time() }})),
            date_trunc('day', {{ run_time() }})
        ) as as_of
    from watermark
)

select * from final
