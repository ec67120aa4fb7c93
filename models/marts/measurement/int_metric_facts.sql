{{ config(access='private', schema='intermediate') }}

with

metrics as (select * from {{ ref('metrics') }}),

orders as (
    select * from {{ ref('int_identifier_orders') }}
    where is_completed
),

units as (select * from {{ ref('int_experiment_units') }}),

-- Facts that no unit's windows hold are not asked for: the span follows the experiments, not the
-- history.
span as (
    select
        cast(min(covariate_starts_at) as date) as starts_on,
        cast({{ as_of() }} as date) as ends_before
    from units
),

activity as (
    select activity.*
    from {{ ref('int_identifier_activity_daily') }} as activity
    inner join span
        on
            activity.activity_date >= span.starts_on
            and activity.activity_date < span.ends_before
),

touches as (
    select touches.*
    from {{ ref('int_identifier_touches_daily') }} as touches
    inner join span
        on touches.touch_date >= span.starts_on and touches.touch_date < span.ends_before
),

identity_map as (select * from {{ ref('int_identity_map') }}),

order_facts as (
    select
        metrics.metric_key,
        orders.identifier_id,
        orders.ordered_at as fact_at,
        cast(1 as double) as fact_count,
        case metrics.value_column
            when 'order_amount' then orders.reporting_amount
            when 'item_count' then orders.item_count
        end as fact_value
    from orders
    cross join metrics
    where metrics.source = 'orders'
),

event_facts as (
    -- Events are known by the day: they carry the day's midnight, which is exact for windows that
    -- begin and end at a midnight.
    select
        metrics.metric_key,
        activity.identifier_id,
        cast(activity.activity_date as timestamp) as fact_at,
        cast(activity.event_count as double) as fact_count,
        case metrics.value_column when 'value_amount' then activity.value_amount end as fact_value
    from activity
    inner join metrics
        on
            metrics.source = 'events'
            and activity.engagement_type
            = coalesce(metrics.filter_type, activity.engagement_type)
),

touch_facts as (
    select
        metrics.metric_key,
        touches.identifier_id,
        cast(touches.touch_date as timestamp) as fact_at,
        cast(touches.touch_count as double) as fact_count,
        cast(null as double) as fact_value
    from touches
    inner join metrics
        on
            metrics.source = 'touches'
            and touches.touch_type = coalesce(metrics.filter_type, touches.touch_type)
),

facts as (
    select * from order_facts
    union all
    select * from event_facts
    union all
    select * from touch_facts
),

final as (
    select
        facts.metric_key,
        identity_map.customer_id,
        facts.fact_at,
        sum(facts.fact_count) as fact_count,
        {{ stable_sum('facts.fact_value') }} as fact_value
    from facts
    inner join identity_map on facts.identifier_id = identity_map.identifier_id
    group by facts.metric_key, identity_map.customer_id, facts.fact_at
)

select * from final
