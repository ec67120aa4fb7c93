{{ config(materialized='table') }}

with

samples as (
    select * from {{ ref('int_segment_scorecard_samples') }}
    where used_for = 'learning'
),

patterns as (select * from {{ ref('int_signal_patterns') }}),

counts as (
    select
        samples.scorecard_key,
        samples.purpose,
        patterns.signal,
        patterns.bin_key,
        sum(samples.customer_count) as customer_count,
        sum(samples.positive_count) as positive_count
    from samples
    inner join patterns on samples.signal_pattern = patterns.signal_pattern
    group by
        samples.scorecard_key,
        samples.purpose,
        patterns.signal,
        patterns.bin_key
),

totals as (
    select
        scorecard_key,
        purpose,
        sum(positive_count) as all_positives,
        sum(customer_count - positive_count) as all_others
    from samples
    group by scorecard_key, purpose
),

shares as (
    -- Half a positive is added to each bin, and as many others as belong to it: a bin that hardly
    -- anybody is in says next to nothing.
    select
        counts.*,
        totals.all_positives,
        totals.all_others,
        (counts.positive_count + 0.5e0) / totals.all_positives as positive_share,
        (counts.customer_count - counts.positive_count) / cast(totals.all_others as double)
        + 0.5e0 / totals.all_positives as other_share
    from counts
    inner join totals
        on counts.scorecard_key = totals.scorecard_key and counts.purpose = totals.purpose
    where totals.all_positives > 0 and totals.all_others > 0
),

final as (
    select
        scorecard_key,
        purpose,
        signal,
        bin_key,
        cast(customer_count as bigint) as customer_count,
        cast(positive_count as bigint) as positive_count,
        cast(all_positives as bigint) as all_positives,
        cast(all_others as bigint) as all_others,
        ln(positive_share / other_share) as weight_of_evidence,
        (positive_share - other_share) * ln(positive_share / other_share) as information_value
    from shares
)

select * from final
