with

judgements as (select * from {{ ref('int_segment_scorecard_judgements') }}),

placed as (
    select
        *,
        (
            sum(customer_count) over (partition by scorecard_key order by probability)
            - customer_count / 2e0
        ) / sum(customer_count) over (partition by scorecard_key) as share_below
    from judgements
),

tenths as (
    -- By rising probability; customers of one probability stay together, so tenths differ in size.
    select
        scorecard_key,
        cast(floor(10 * share_below) + 1 as bigint) as tenth,
        cast(sum(customer_count) as bigint) as customer_count,
        cast(sum(positive_count) as bigint) as positive_count,
        {{ stable_sum('customer_count * probability') }} as expected_count
    from placed
    group by scorecard_key, cast(floor(10 * share_below) + 1 as bigint)
),

final as (
    select
        scorecard_key,
        tenth,
        customer_count,
        positive_count,
        expected_count / customer_count as predicted_rate,
        positive_count / cast(customer_count as double) as observed_rate,
        {{ wilson_low('positive_count', 'customer_count') }} as observed_rate_ci_low,
        {{ wilson_high('positive_count', 'customer_count') }} as observed_rate_ci_high,
        {{ as_of() }} as as_of
    from tenths
)

select * from final
