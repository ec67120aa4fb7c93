{{ config(materialized='table') }}

with

weights as (
    select * from {{ ref('int_segment_scorecard_weights') }}
    where purpose = 'scores'
),

patterns as (select * from {{ ref('int_signal_patterns') }}),

bins as (select * from {{ ref('int_scorecard_bins') }}),

ranked as (
    select
        weights.scorecard_key,
        patterns.signal_pattern,
        case when weights.weight_of_evidence > 0 then '+ ' else '- ' end || bins.wording as reason,
        row_number() over (
            partition by weights.scorecard_key, patterns.signal_pattern
            order by abs(round(weights.weight_of_evidence, 9)) desc, weights.signal
        ) as reason_rank
    from weights
    inner join patterns
        on weights.signal = patterns.signal and weights.bin_key = patterns.bin_key
    inner join bins on weights.signal = bins.signal and weights.bin_key = bins.bin_key
),

final as (
    select
        scorecard_key,
        signal_pattern,
        {{ dbt.listagg('reason', "'; '", 'order by reason_rank') }} as reasons
    from ranked
    where reason_rank <= 3
    group by scorecard_key, signal_pattern
)

select * from final
