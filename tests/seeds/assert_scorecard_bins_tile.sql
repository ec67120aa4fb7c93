-- Each value of a signal falls into one bin: the bins follow each other without a gap, and the last has no end.
with bins as (
    select * from {{ ref('scorecard_bins') }}
),

neighbours as (
    select
        *,
        lead(from_value) over (partition by signal order by from_value, bin_key) as next_from_value
    from bins
    where bin_key <> 'missing'
),

counts as (
    select signal, count(*) as bin_count
    from bins
    group by signal
),

problems as (
    select 'bin ' || bin_key || ' of signal ' || signal || ' has no from_value' as problem
    from neighbours
    where from_value is null
    union all
    select
        'bin ' || bin_key || ' of signal ' || signal || ' ends at '
        || coalesce(cast(below_value as string), 'no value') || ' and the next begins at '
        || coalesce(cast(next_from_value as string), 'no value') as problem
    from neighbours
    where
        coalesce(below_value <> next_from_value, true)
        and (below_value is not null or next_from_value is not null)
    union all
    select
        'bin ' || bin_key || ' of signal ' || signal || ' begins at '
        || cast(from_value as string) || ' and ends at ' || cast(below_value as string) as problem
    from neighbours
    where below_value <= from_value
    union all
    select 'bin missing of signal ' || signal || ' has edges' as problem
    from bins
    where bin_key = 'missing' and (from_value is not null or below_value is not null)
    union all
    select
        'signal ' || signal || ' has ' || cast(bin_count as string) || ' bins; 2 to 9 are allowed'
            as problem
    from counts
    where bin_count not between 2 and 9
    union all
    select cast(count(*) as string) || ' signals; at most 36 are allowed' as problem
    from counts
    having count(*) > 36
),

final as (
    select problem || ' in seeds/scorecard_bins.csv' as problem
    from problems
)

select * from final
