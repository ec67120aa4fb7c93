-- Orders are asked before those past their retention are left out: that is reckoned from here.
-- Events and touches lose theirs once the clock is known.
with events as (
    select * from {{ ref('base_web__events') }}
    where reject_reason is null
),

orders as (
    select * from {{ ref('base_shop__checked_orders') }}
    where reason is null
),

touches as (
    select * from {{ ref('base_ads__touches') }}
    where reject_reason is null
),

deliveries as (
    select * from {{ ref('stg_ads__daily_delivery') }}
),

final as (
    select 'web/events' as source_table, max(occurred_at) as last_fact_at
    from events
    union all
    select 'shop/orders' as source_table, max(ordered_at) as last_fact_at
    from orders
    union all
    select 'ads/touches' as source_table, max(touched_at) as last_fact_at
    from touches
    union all
    select
        'ads/daily_delivery' as source_table,
        max(cast(delivery_date as timestamp)) as last_fact_at
    from deliveries
)

select * from final
