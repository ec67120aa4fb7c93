{{ config(materialized='table') }}

with

patterns as (select * from {{ ref('int_customer_signal_patterns') }}),

labels as (select * from {{ ref('int_segment_scorecard_labels') }}),

plans (scorecard_key, purpose, used_for, horizons_ago, half) as (
    -- Propensity is judged by the outcomes of the latest horizon after it was learnt from the one
    -- before. Who was a member earlier nobody knows: a lookalike is learnt from one half of the
    -- customers and judged by the other.
    values
    {%- for segment_id in var('lookalike_segments') %}
    ('{{ segment_id }}', 'scores', 'learning', 1, null),
    ('{{ segment_id }}', 'judgement', 'learning', 1, 'first'),
    ('{{ segment_id }}', 'judgement', 'judging', 1, 'second'),
    {%- endfor %}
    ('propensity', 'scores', 'learning', 1, cast(null as {{ dbt.type_string() }})),
    ('propensity', 'judgement', 'learning', 2, null),
    ('propensity', 'judgement', 'judging', 1, null)
),

halved as (
    -- A customer_id ends in a digit of a hash.
    select
        *,
        case
            when substr(customer_id, length(customer_id), 1) < '8' then 'first' else 'second'
        end as half
    from patterns
),

customers as (
    select horizons_ago, half, signal_pattern, count(*) as customer_count
    from halved
    where horizons_ago > 0
    group by horizons_ago, half, signal_pattern
),

positives as (
    select
        labels.scorecard_key,
        halved.horizons_ago,
        halved.half,
        halved.signal_pattern,
        count(*) as positive_count
    from labels
    inner join halved
        on
            labels.customer_id = halved.customer_id
            and labels.horizons_ago = halved.horizons_ago
    group by
        labels.scorecard_key,
        halved.horizons_ago,
        halved.half,
        halved.signal_pattern
),

final as (
    select
        plans.scorecard_key,
        plans.purpose,
        plans.used_for,
        customers.signal_pattern,
        cast(sum(customers.customer_count) as bigint) as customer_count,
        cast(sum(coalesce(positives.positive_count, 0)) as bigint) as positive_count
    from plans
    inner join customers
        on
            plans.horizons_ago = customers.horizons_ago
            and coalesce(plans.half, customers.half) = customers.half
    left join positives
        on
            plans.scorecard_key = positives.scorecard_key
            and customers.horizons_ago = positives.horizons_ago
            and customers.half = positives.half
            and customers.signal_pattern = positives.signal_pattern
    group by plans.scorecard_key, plans.purpose, plans.used_for, customers.signal_pattern
)

select * from final
