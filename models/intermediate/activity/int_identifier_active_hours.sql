with

events as (select * from {{ ref('stg_web__events') }}),

final as (
    select
        identifier_id,
        cast(occurred_at as date) as activity_date,
        cast(extract(hour from occurred_at) as integer) as hour_of_day,
        device_type,
        count(*) as event_count
    from events
    where occurred_at < {{ as_of() }}
    group by
        identifier_id,
        cast(occurred_at as date),
        cast(extract(hour from occurred_at) as integer),
        device_type
)

select * from final
