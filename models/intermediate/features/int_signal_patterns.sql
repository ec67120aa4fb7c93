with

patterns as (
    select signal_pattern, count(*) as row_count
    from {{ ref('int_customer_signal_patterns') }}
    group by signal_pattern
),

bins as (select * from {{ ref('int_scorecard_bins') }}),

final as (
    select
        patterns.signal_pattern,
        bins.signal,
        bins.bin_key
    from patterns
    inner join bins
        on substr(patterns.signal_pattern, cast(bins.signal_number as int), 1) = bins.bin_digit
)

select * from final
