-- A cap counts the touches of campaigns on the destination's campaign_platform. Where there are
-- campaigns and none of them is on it, the cap would never act: most likely it is misspelt.
{{ config(severity='warn') }}

with

destinations as (
    select * from {{ ref('destinations') }}
    where frequency_cap is not null
),

campaigns as (select * from {{ ref('stg_ads__campaigns') }}),

final as (
    select
        'destination ' || destination_key
        || ' in seeds/destinations.csv: no campaign is on platform ' || campaign_platform
        || ', so that its frequency_cap never acts' as problem
    from destinations
    where
        campaign_platform not in (select campaigns.platform from campaigns)
        and exists (select 1 from campaigns)
)

select * from final
