with

customers as (select * from {{ ref('int_identity_customers') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

orders as (select * from {{ ref('int_identifier_orders') }}),

named as (
    select
        customer_id,
        min(first_seen_at) as known_at
    from identity_map
    where identifier_type <> 'anonymous_id'
    group by customer_id
),

order_days as (
    select
        identity_map.customer_id,
        orders.order_date
    from orders
    inner join identity_map on orders.identifier_id = identity_map.identifier_id
    where orders.is_completed
    group by identity_map.customer_id, orders.order_date
),

pauses as (
    select
        customer_id,
        order_date,
        lag(order_date) over (partition by customer_id order by order_date) as previous_order_date
    from order_days
),

spells as (
    -- A spell is a run of orders without a pause in which the customer would have been lapsing.
    select
        customer_id,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date,
        max(order_date) filter (
            where previous_order_date is null
            or {{ dbt.datediff('previous_order_date', 'order_date', 'day') }}
            > {{ var('lapsing_after_days') }}
        ) as spell_began_on,
        max(order_date) filter (
            where {{ dbt.datediff('previous_order_date', 'order_date', 'day') }}
            > {{ var('lapsed_after_days') }}
        ) as won_back_on
    from pauses
    group by customer_id
),

aged as (
    select
        *,
        coalesce(spell_began_on in (first_order_date, won_back_on), false) as spell_is_a_beginning,
        {{ dbt.datediff('spell_began_on', as_of(), 'day') }} as spell_age,
        {{ dbt.datediff('last_order_date', as_of(), 'day') }} as last_order_age
    from spells
),

staged as (
    select
        customers.customer_id,
        customers.first_seen_at,
        named.known_at,
        aged.last_order_date,
        aged.spell_began_on,
        aged.spell_is_a_beginning,
        case
            when not customers.is_known then 'anonymous'
            when aged.customer_id is null then 'prospect'
            when aged.last_order_age > {{ var('lapsed_after_days') }} then 'lapsed'
            when aged.last_order_age > {{ var('lapsing_after_days') }} then 'lapsing'
            when not aged.spell_is_a_beginning then 'active'
            when aged.spell_age > {{ var('lapsing_after_days') }} then 'active'
            when aged.spell_began_on = aged.won_back_on then 'won_back'
            else 'new'
        end as lifecycle_stage
    from customers
    left join named on customers.customer_id = named.customer_id
    left join aged on customers.customer_id = aged.customer_id
),

final as (
    select
        customer_id,
        lifecycle_stage,
        cast(case
            when lifecycle_stage = 'anonymous' then first_seen_at
            when lifecycle_stage = 'prospect' then known_at
            when lifecycle_stage = 'lapsed'
                then {{ dbt.dateadd('day', var('lapsed_after_days') + 1, 'last_order_date') }}
            when lifecycle_stage = 'lapsing'
                then {{ dbt.dateadd('day', var('lapsing_after_days') + 1, 'last_order_date') }}
            -- Who is no longer new or won back became active on the day that this ended.
            when lifecycle_stage = 'active' and spell_is_a_beginning
                then {{ dbt.dateadd('day', var('lapsing_after_days') + 1, 'spell_began_on') }}
            else spell_began_on
        end as date) as lifecycle_since
    from staged
)

select * from final
