-- A metric names facts that exist and says how they become a figure.
with metrics as (
    select * from {{ ref('metrics') }}
),

event_types as (
    select distinct engagement_type  -- several events may mean the same engagement
    from {{ ref('event_types') }}
),

rules as (
    select
        metric_key,
        'aggregation is sum and value_column is empty' as violation
    from metrics
    where aggregation = 'sum' and value_column is null

    union all

    select
        metric_key,
        'value_column is ' || value_column || ' and aggregation ' || aggregation
        || ', which adds up nothing'
            as violation
    from metrics
    where aggregation <> 'sum' and value_column is not null

    union all

    select
        metrics.metric_key,
        'filter_type is ' || metrics.filter_type
        || ', an engagement_type that seeds/event_types.csv does not have'
            as violation
    from metrics
    left join event_types
        on metrics.filter_type = event_types.engagement_type
    where
        metrics.source = 'events'
        and metrics.filter_type is not null
        and event_types.engagement_type is null

    union all

    select
        metric_key,
        'filter_type is ' || filter_type || ', which is no touch_type' as violation
    from metrics
    where
        source = 'touches'
        and filter_type not in ('impression', 'click', 'send', 'open', 'would_be_impression')

    union all

    select
        metric_key,
        'filter_type is ' || filter_type
        || '; orders have no types, so it must be empty' as violation
    from metrics
    where source = 'orders' and filter_type is not null

    union all

    select
        metrics.metric_key,
        'denominator_metric_key is ' || metrics.denominator_metric_key
        || ', which is no metric' as violation
    from metrics
    left join metrics as denominators
        on metrics.denominator_metric_key = denominators.metric_key
    where
        metrics.denominator_metric_key <> 'members'
        and denominators.metric_key is null

    union all

    select
        metric_key,
        'winsor_quantile is ' || cast(winsor_quantile as string)
        || '; it must be above 0 and below 1' as violation
    from metrics
    where not (winsor_quantile > 0 and winsor_quantile < 1)
),

final as (
    select 'metric ' || metric_key || ' in seeds/metrics.csv: ' || violation as problem
    from rules
)

select * from final
