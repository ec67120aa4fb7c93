with

events as (select * from {{ ref('stg_web__events') }}),

event_types as (select * from {{ ref('event_types') }}),

products as (select * from {{ ref('stg_shop__products') }}),

final as (
    select
        events.event_id,
        events.identifier_id,
        events.occurred_at,
        events.product_id,
        coalesce(products.category, 'unknown') as category,
        coalesce(events.quantity, 1)
        * case when event_types.engagement_type = 'cart_add' then 1 else -1 end
            as quantity_change,
        -- What the event says the item costs, else the price list.
        coalesce(
            events.value_reporting_amount / nullif(coalesce(events.quantity, 1), 0),
            products.list_price_reporting,
            0
        ) as unit_amount
    from events
    inner join event_types on events.event_name = event_types.event_name
    left join products on events.product_id = products.product_id
    where
        event_types.engagement_type in ('cart_add', 'cart_remove')
        and events.product_id is not null
        and events.occurred_at < {{ as_of() }}
)

select * from final
