with

busy_days as (
    select * from {{ ref('int_identifier_busy_days') }}
    where activity_date < {{ as_of() }}
),

identity_map as (select * from {{ ref('int_identity_map') }}),

final as (
    select
        identity_map.customer_id,
        max(busy_days.event_count) as peak_daily_event_count
    from busy_days
    inner join identity_map on busy_days.identifier_id = identity_map.identifier_id
    group by identity_map.customer_id
)

select * from final
