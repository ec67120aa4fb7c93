{{ config(
    materialized='by_day', meta={'day_column': 'activity_date', 'rows_per_step': 8000000}
) }}

with

events as (select * from {{ ref('stg_web__events') }}),

event_types as (select * from {{ ref('event_types') }}),

final as (
    select
        events.event_id,
        events.identifier_id,
        events.event_date as activity_date,
        events.occurred_at,
        events.product_id,
        coalesce(events.quantity, 1)
        * case when event_types.engagement_type = 'cart_add' then 1 else -1 end
            as quantity_change,
        events.value_reporting_amount / nullif(coalesce(events.quantity, 1), 0) as unit_amount
    from events
    inner join event_types on events.event_name = event_types.event_name
    where
        event_types.engagement_type in ('cart_add', 'cart_remove')
        and events.product_id is not null
        and {{ in_days('events.event_date') }}
)

select * from final
