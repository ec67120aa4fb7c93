{{ config(materialized='table') }}

with

samples as (
    select * from {{ ref('int_segment_scorecard_samples') }}
    where used_for = 'judging'
),

scores as (
    select * from {{ ref('int_segment_scorecard_scores') }}
    where purpose = 'judgement'
),

final as (
    select
        samples.scorecard_key,
        round(scores.probability, 9) as probability,
        cast(sum(samples.customer_count) as bigint) as customer_count,
        cast(sum(samples.positive_count) as bigint) as positive_count
    from samples
    inner join scores
        on
            samples.scorecard_key = scores.scorecard_key
            and samples.signal_pattern = scores.signal_pattern
    group by samples.scorecard_key, round(scores.probability, 9)
)

select * from final
