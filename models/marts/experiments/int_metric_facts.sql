{{ config(access='protected', schema='intermediate') }}

with

metrics as (select * from {{ ref('metrics') }}),

experiments as (select * from {{ ref('mart_experiments') }}),

earlier_units as (select * from {{ ref('int_experiment_earlier_units') }}),

external_assignments as (select * from {{ ref('stg_experiments__assignments') }}),

starts as (
    -- The windows of started experiments. This stands above the ledger, which waits for the launch
    -- checks, so it asks the plan, and the rows that were there before this run.
    select {{ dbt.dateadd('day', '-covariate_window_days', 'starts_at') }} as starts_at
    from experiments
    where status <> 'planned'
    union all
    select {{ dbt.dateadd(
        'day', '-experiments.covariate_window_days', 'earlier_units.first_assigned_at'
    ) }} as starts_at
    from earlier_units
    inner join experiments on earlier_units.experiment_key = experiments.experiment_key
    union all
    select {{ dbt.dateadd(
        'day', '-experiments.covariate_window_days', 'external_assignments.assigned_at'
    ) }} as starts_at
    from external_assignments
    inner join experiments
        on
            external_assignments.experiment_key = experiments.experiment_key
            and experiments.assignment_source = 'external'
    union all
    -- What comes is judged by the segment's past: whoever came in during the four weeks up to an
    -- outcome window ago, with both windows.
    select {{ dbt.dateadd(
        'day', '-(outcome_window_days + covariate_window_days + 28)', as_of()
    ) }} as starts_at
    from experiments
    where status <> 'ended'
    union all
    -- And before there is an experiment, by the latest eight weeks (analyses/).
    select {{ dbt.dateadd('day', -56, as_of()) }} as starts_at
),

-- Facts that no window holds are not asked for: the span follows the experiments, not the history.
span as (
    select
        min(starts_at) as starts_at,
        cast(min(starts_at) as date) as starts_on,
        cast({{ as_of() }} as date) as ends_before
    from starts
),

orders as (
    select orders.*
    from {{ ref('int_identifier_orders') }} as orders
    inner join span on orders.ordered_at >= span.starts_at
    where orders.is_completed
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
