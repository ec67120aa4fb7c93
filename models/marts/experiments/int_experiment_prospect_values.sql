{{ config(access='protected', schema='intermediate') }}

with

prospects as (
    select * from {{ ref('int_experiment_prospects') }}
    where is_member or baseline_at is not null
),

outlooks as (select * from {{ ref('int_experiment_outlooks') }}),

profiles as (select * from {{ ref('int_customer_profiles') }}),

experiment_metrics as (select * from {{ ref('experiment_metrics') }}),

metrics as (select * from {{ ref('metrics') }}),

facts as (select * from {{ ref('int_metric_facts') }}),

windows as (
    select
        prospects.experiment_key,
        prospects.unit_type,
        prospects.unit_id,
        'outcome' as period,
        prospects.baseline_at as starts_at,
        {{ dbt.dateadd('day', 'outlooks.outcome_window_days', 'prospects.baseline_at') }} as ends_at
    from prospects
    inner join outlooks on prospects.experiment_key = outlooks.experiment_key
    where prospects.baseline_at is not null
    union all
    select
        prospects.experiment_key,
        prospects.unit_type,
        prospects.unit_id,
        'covariate' as period,
        {{ dbt.dateadd('day', '-outlooks.covariate_window_days', 'prospects.baseline_at') }}
            as starts_at,
        prospects.baseline_at as ends_at
    from prospects
    inner join outlooks on prospects.experiment_key = outlooks.experiment_key
    where prospects.baseline_at is not null
    union all
    -- What the covariate of a unit would be that were assigned today.
    select
        prospects.experiment_key,
        prospects.unit_type,
        prospects.unit_id,
        'latest' as period,
        {{ dbt.dateadd('day', '-outlooks.covariate_window_days', as_of()) }} as starts_at,
        {{ as_of() }} as ends_at
    from prospects
    inner join outlooks on prospects.experiment_key = outlooks.experiment_key
    where prospects.is_member
),

window_customers as (
    select windows.*, profiles.customer_id
    from windows
    inner join profiles
        on windows.unit_type = 'customer' and windows.unit_id = profiles.customer_id
    union all
    select windows.*, profiles.customer_id
    from windows
    inner join profiles
        on windows.unit_type = 'account' and windows.unit_id = profiles.account_id
),

member_counts as (
    select experiment_key, unit_id, period, count(*) as member_count
    from window_customers
    group by experiment_key, unit_id, period
),

metric_parts as (
    -- What stands above the line, and what below it.
    select
        metrics.metric_key,
        parts.metric_key as part_metric_key,
        parts.aggregation,
        false as is_divisor
    from metrics
    inner join metrics as parts on metrics.metric_key = parts.metric_key
    union all
    select
        metrics.metric_key,
        divisors.metric_key as part_metric_key,
        divisors.aggregation,
        true as is_divisor
    from metrics
    inner join metrics as divisors on metrics.denominator_metric_key = divisors.metric_key
),

sums as (
    select
        window_customers.experiment_key,
        window_customers.unit_id,
        window_customers.period,
        facts.metric_key,
        sum(facts.fact_count) as fact_count,
        {{ stable_sum('facts.fact_value') }} as fact_value
    from window_customers
    inner join facts
        on
            window_customers.customer_id = facts.customer_id
            and facts.fact_at >= window_customers.starts_at
            and facts.fact_at < window_customers.ends_at
    group by
        window_customers.experiment_key,
        window_customers.unit_id,
        window_customers.period,
        facts.metric_key
),

part_values as (
    select
        windows.experiment_key,
        experiment_metrics.metric_key,
        windows.unit_id,
        windows.period,
        metric_parts.is_divisor,
        {{ metric_value('metric_parts.aggregation', 'sums') }} as part_value
    from windows
    inner join experiment_metrics on windows.experiment_key = experiment_metrics.experiment_key
    inner join metric_parts on experiment_metrics.metric_key = metric_parts.metric_key
    left join sums
        on
            windows.experiment_key = sums.experiment_key
            and windows.unit_id = sums.unit_id
            and windows.period = sums.period
            and metric_parts.part_metric_key = sums.metric_key
),

unit_values as (
    select
        experiment_key,
        metric_key,
        unit_id,
        period,
        max(case when not is_divisor then part_value end) as metric_value,
        max(case when is_divisor then part_value end) as divisor_value
    from part_values
    group by experiment_key, metric_key, unit_id, period
),

final as (
    -- A mean per unit is a ratio too: over 1 a unit.
    select
        unit_values.experiment_key,
        unit_values.metric_key,
        unit_values.unit_id,
        unit_values.period,
        unit_values.metric_value,
        case
            when metrics.denominator_metric_key is null then cast(1 as double)
            when metrics.denominator_metric_key = 'members'
                then cast(coalesce(member_counts.member_count, 0) as double)
            else coalesce(unit_values.divisor_value, 0)
        end as divisor_value
    from unit_values
    inner join metrics on unit_values.metric_key = metrics.metric_key
    left join member_counts
        on
            unit_values.experiment_key = member_counts.experiment_key
            and unit_values.unit_id = member_counts.unit_id
            and unit_values.period = member_counts.period
)

select * from final
