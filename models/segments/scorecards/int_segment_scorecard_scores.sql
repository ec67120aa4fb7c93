{{ config(materialized='table') }}

with

samples as (
    select * from {{ ref('int_segment_scorecard_samples') }}
    where used_for = 'learning'
),

patterns as (select * from {{ ref('int_signal_patterns') }}),

weights as (select * from {{ ref('int_segment_scorecard_weights') }}),

raw_scores as (
    select
        weights.scorecard_key,
        weights.purpose,
        patterns.signal_pattern,
        {{ stable_sum('weights.weight_of_evidence') }} as raw_score
    from weights
    inner join patterns
        on weights.signal = patterns.signal and weights.bin_key = patterns.bin_key
    group by weights.scorecard_key, weights.purpose, patterns.signal_pattern
),

observed as (
    select
        raw_scores.scorecard_key,
        raw_scores.purpose,
        raw_scores.raw_score,
        samples.customer_count,
        samples.positive_count
    from samples
    inner join raw_scores
        on
            samples.scorecard_key = raw_scores.scorecard_key
            and samples.purpose = raw_scores.purpose
            and samples.signal_pattern = raw_scores.signal_pattern
),

base_rate as (
    select
        scorecard_key,
        purpose,
        ln(sum(positive_count) / cast(sum(customer_count - positive_count) as double))
            as intercept,
        cast(0 as double) as slope
    from observed
    group by scorecard_key, purpose
),

-- Signals repeat each other, so their sum says too much: a logistic line through the outcomes
-- takes it back. Six steps from the base rate find it to more digits than are shown.
step_1 as (
    {{ logistic_step('observed', 'base_rate') }}
),

step_2 as (
    {{ logistic_step('observed', 'step_1') }}
),

step_3 as (
    {{ logistic_step('observed', 'step_2') }}
),

step_4 as (
    {{ logistic_step('observed', 'step_3') }}
),

step_5 as (
    {{ logistic_step('observed', 'step_4') }}
),

lines as (
    {{ logistic_step('observed', 'step_5') }}
),

final as (
    select
        raw_scores.scorecard_key,
        raw_scores.purpose,
        raw_scores.signal_pattern,
        raw_scores.raw_score,
        {{ logistic('lines.intercept + lines.slope * raw_scores.raw_score') }} as probability
    from raw_scores
    inner join lines
        on raw_scores.scorecard_key = lines.scorecard_key and raw_scores.purpose = lines.purpose
)

select * from final
