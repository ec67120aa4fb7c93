{{ config(access='private', schema='intermediate') }}
{%- set lookback = var('attribution_lookback_days') %}

with

orders as (
    select * from {{ ref('int_customer_orders') }}
    where ordered_at >= {{ attribution_starts_at() }}
),

touches as (
    select * from {{ ref('int_consented_touches') }}
    where touch_type in ('{{ var("attribution_touch_types") | join("', '") }}')
),

paths as (
    select
        orders.order_id,
        orders.customer_id,
        orders.ordered_at,
        orders.reporting_amount,
        touches.touch_date,
        touches.touch_id,
        touches.campaign_id,
        touches.touched_at
    from orders
    inner join touches
        on
            orders.customer_id = touches.customer_id
            and touches.touched_at < orders.ordered_at
            and touches.touched_at >= {{ dbt.dateadd('day', -lookback, 'orders.ordered_at') }}
),

final as (
    -- Touches of one moment stand in the order of their keys, so that the same one is always last.
    select
        *,
        cast(row_number() over (
            partition by order_id
            order by touched_at, touch_date, touch_id
        ) as bigint) as touch_number,
        count(*) over (partition by order_id) as touch_count,
        max(touched_at) over (partition by order_id) as last_touched_at
    from paths
)

select * from final
