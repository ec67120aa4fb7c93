-- ads/campaigns: one row per campaign. A campaign sends coupons to chosen households; A, B and C
-- are its types.
with final as (
    select
        cast(campaign_id as text) as campaign_id,
        'Campaign ' || campaign_id || ' (' || campaign_type || ')' as campaign_name,
        'coupons' as platform,
        cast(null as text) as segment_id,
        cast(null as text) as experiment_key
    from campaign_descriptions
)

select * from final
order by campaign_id
