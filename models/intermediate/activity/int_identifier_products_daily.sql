{{ config(
    materialized='by_day', meta={'day_column': 'activity_date', 'rows_per_step': 8000000}
) }}

with

events as (select * from {{ ref('stg_web__events') }}),

event_types as (select * from {{ ref('event_types') }}),

final as (
    select
        events.identifier_id,
        events.event_date as activity_date,
        events.product_id,
        count(*) filter (where event_types.engagement_type = 'product_view') as view_count,
        count(*) filter (where event_types.engagement_type = 'cart_add') as cart_add_count,
        {{ stable_sum('event_types.engagement_weight') }} as interest_weight,
        max(events.occurred_at) as last_active_at
    from events
    inner join event_types on events.event_name = event_types.event_name
    where
        events.product_id is not null
        and event_types.engagement_type in ('product_view', 'cart_add')
        and {{ in_days('events.event_date') }}
    group by events.identifier_id, events.event_date, events.product_id
)

select * from final
