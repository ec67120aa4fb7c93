{{ config(
    materialized='by_day', meta={'day_column': 'activity_date', 'rows_per_step': 8000000}
) }}

with

events as (select * from {{ ref('stg_web__events') }}),

event_types as (select * from {{ ref('event_types') }}),

shown as (
    -- What a view or an addition says that one piece costs. Orders say what was paid, after discounts.
    select
        events.event_date as activity_date,
        events.product_id,
        events.currency_code,
        events.event_id,
        -- Rounded, so that three pieces and one cost the same each.
        round(events.value_amount / nullif(coalesce(events.quantity, 1), 0), 6) as unit_price
    from events
    inner join event_types on events.event_name = event_types.event_name
    where
        event_types.engagement_type in ('product_view', 'cart_add')
        and events.product_id is not null
        and events.value_amount > 0
        and {{ in_days('events.event_date') }}
),

ranked as (
    select
        activity_date,
        product_id,
        currency_code,
        unit_price,
        row_number() over (
            partition by activity_date, product_id, currency_code
            order by unit_price, event_id
        ) as price_rank,
        count(*) over (partition by activity_date, product_id, currency_code)
            as observation_count
    from shown
    where unit_price is not null
),

final as (
    -- The median of the day: one person's coupon does not move the price.
    select
        activity_date,
        product_id,
        currency_code,
        (min(unit_price) + max(unit_price)) / 2 as unit_price,
        max(observation_count) as observation_count
    from ranked
    where 2 * price_rank between observation_count and observation_count + 2
    group by activity_date, product_id, currency_code
)

select * from final
