-- A creative can be chosen, filled and capped, and there is one to fall back on.
with

creatives as (select * from {{ ref('segment_creatives') }}),

rules as (
    select creative_key, 'weight is ' || weight || '; it must be above 0 and finite' as violation
    from creatives
    where not weight > 0 or weight > 1e9

    union all

    select creative_key, 'a variant needs its family' as violation
    from creatives
    where family is null and variant is not null

    union all

    select
        creative_key,
        'frequency_cap and frequency_window_days are given together or not at all' as violation
    from creatives
    where (frequency_cap is null) <> (frequency_window_days is null)

    union all

    select
        creative_key,
        'frequency_cap must be 1 or more, and frequency_window_days from 1 to 365' as violation
    from creatives
    where frequency_cap < 1 or frequency_window_days not between 1 and 365

    union all

    select creative_key, 'its text names a slot that there is not: ' || headline as violation
    from creatives
    where
        {{ dbt.position(
            "'{'",
            "replace(replace(replace(headline || call_to_action, '{top_category}', ''),"
            ~ " '{last_viewed_product}', ''), '{open_cart_value}', '')"
        ) }} > 0

    union all

    select creative_key, 'its rows differ in more than family, variant and weight' as violation
    from creatives
    group by creative_key
    having
        count(distinct template) > 1
        or count(distinct headline) > 1
        or count(distinct call_to_action) > 1
        or count(distinct coalesce(frequency_cap, 0)) > 1
        or count(distinct coalesce(frequency_window_days, 0)) > 1

    union all

    select
        coalesce(max(creative_key), '(none)') as creative_key,
        'there must be one row without a family, to fall back on; there are ' || count(*)
            as violation
    from creatives
    where family is null
    having count(*) <> 1

    union all

    select creative_key, 'the fallback has no slots and no cap' as violation
    from creatives
    where
        family is null
        and (
            {{ dbt.position("'{'", 'headline || call_to_action') }} > 0
            or frequency_cap is not null
        )
),

final as (
    select
        'creative ' || creative_key || ' in seeds/segment_creatives.csv: ' || violation as problem
    from rules
)

select * from final
