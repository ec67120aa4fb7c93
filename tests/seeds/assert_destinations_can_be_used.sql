-- A destination says which consent it needs, and a cap says what is counted and for how long.
with destinations as (
    select * from {{ ref('destinations') }}
),

rules as (
    select
        destination_key,
        'required_consent is ' || coalesce(required_consent, 'empty')
        || '; it must be email_marketing or ad_personalisation' as violation
    from destinations
    where coalesce(required_consent not in ('email_marketing', 'ad_personalisation'), true)

    union all

    select
        destination_key,
        'frequency_cap is ' || cast(frequency_cap as string) || '; it must be 1 or more'
            as violation
    from destinations
    where frequency_cap < 1

    union all

    select
        destination_key,
        'frequency_window_days is ' || cast(frequency_window_days as string)
        || '; it must be from 1 to 365' as violation
    from destinations
    where frequency_window_days not between 1 and 365

    union all

    select
        destination_key,
        'frequency_cap and frequency_window_days are given together or not at all' as violation
    from destinations
    where (frequency_cap is null) <> (frequency_window_days is null)

    union all

    select
        destination_key,
        'frequency_cap needs campaign_platform, whose touches it counts' as violation
    from destinations
    where frequency_cap is not null and campaign_platform is null

    union all

    select
        destination_key,
        'campaign_platform is ' || campaign_platform
        || '; it must be in lower case, as platforms are after staging' as violation
    from destinations
    where campaign_platform <> lower(trim(campaign_platform))
),

final as (
    select
        'destination ' || destination_key || ' in seeds/destinations.csv: ' || violation as problem
    from rules
)

select * from final
