-- A holdout leaves someone to treat, and ends after it starts.
with holdouts as (
    select * from {{ ref('holdouts') }}
),

final as (
    select
        'holdout ' || holdout_key || ' in seeds/holdouts.csv: share is ' || cast(share as string)
        || '; it must be from 0 to below 1' as problem
    from holdouts
    where not (share >= 0 and share < 1)

    union all

    select
        'holdout ' || holdout_key || ' in seeds/holdouts.csv: ends_at is '
        || cast(ends_at as string)
        || ' and starts_at ' || cast(starts_at as string)
        || '; a holdout ends after it starts' as problem
    from holdouts
    where not ends_at > starts_at
)

select * from final
