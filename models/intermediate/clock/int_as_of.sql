with

fact_times as (
    select max(occurred_at) as last_fact_at from {{ ref('stg_web__events') }}
    union all
    select max(ordered_at) as last_fact_at from {{ ref('stg_shop__orders') }}
    union all
    select max(touched_at) as last_fact_at from {{ ref('stg_ads__touches') }}
    union all
    select max(cast(delivery_date as timestamp)) as last_fact_at
    from {{ ref('stg_ads__daily_delivery') }}
),

watermark as (
    -- The midnight after the last fact, so that the half-open windows still hold that fact.
    select {{ dbt.dateadd('day', 1, "date_trunc('day', max(last_fact_at))") }} as watermark_at
    from fact_times
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
