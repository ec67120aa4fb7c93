{{ config(materialized='table') }}

with

patterns as (
    select * from {{ ref('int_customer_signal_patterns') }}
    where horizons_ago = 0
),

samples as (
    select * from {{ ref('int_segment_scorecard_samples') }}
    where purpose = 'scores'
),

scores as (
    select * from {{ ref('int_segment_scorecard_scores') }}
    where purpose = 'scores'
),

reasons as (select * from {{ ref('int_segment_scorecard_reasons') }}),

labels as (
    select * from {{ ref('int_segment_scorecard_labels') }}
    where scorecard_key <> 'propensity'
),

learnt as (
    -- From a handful nothing can be learnt that holds for others.
    select scorecard_key
    from samples
    group by scorecard_key
    having sum(positive_count) >= 20 and sum(customer_count - positive_count) >= 20
),

scored as (
    select
        scores.scorecard_key,
        patterns.customer_id,
        round(scores.probability, 9) as probability,
        reasons.reasons
    from patterns
    inner join scores on patterns.signal_pattern = scores.signal_pattern
    inner join learnt on scores.scorecard_key = learnt.scorecard_key
    inner join reasons
        on
            scores.scorecard_key = reasons.scorecard_key
            and scores.signal_pattern = reasons.signal_pattern
    left join labels
        on
            scores.scorecard_key = labels.scorecard_key
            and patterns.customer_id = labels.customer_id
    -- Who is a member needs no likeness.
    where labels.customer_id is null
),

final as (
    -- 10 is best; equal scores are told apart by customer_id.
    select
        scorecard_key,
        customer_id,
        probability,
        cast(ntile(10) over (
            partition by scorecard_key
            order by probability, customer_id
        ) as bigint) as decile,
        reasons
    from scored
)

select * from final
