with

weights as (
    select * from {{ ref('int_segment_scorecard_weights') }}
    where scorecard_key = 'propensity' and purpose = 'scores'
),

bins as (select * from {{ ref('int_scorecard_bins') }}),

dates as (
    select * from {{ ref('int_scoring_dates') }}
    where purpose = 'propensity' and horizons_ago = 1
),

final as (
    select
        weights.signal,
        weights.bin_key,
        bins.wording,
        weights.customer_count,
        weights.positive_count as converter_count,
        weights.positive_count / cast(weights.customer_count as double) as conversion_rate,
        {{ wilson_low('weights.positive_count', 'weights.customer_count') }}
            as conversion_rate_ci_low,
        {{ wilson_high('weights.positive_count', 'weights.customer_count') }}
            as conversion_rate_ci_high,
        weights.weight_of_evidence,
        weights.information_value,
        {{ stable_sum('weights.information_value', over='partition by weights.signal') }}
            as signal_information_value,
        dates.horizon_days,
        dates.scored_at,
        {{ as_of() }} as as_of
    from weights
    inner join bins on weights.signal = bins.signal and weights.bin_key = bins.bin_key
    cross join dates
)

select * from final
