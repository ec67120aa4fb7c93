-- ads/campaigns: one row per campaign, as it was last named.
--
-- Which segment and which experiment a campaign serves is said by [segment=...] and [experiment=...] in its name.
with

latest_campaigns as (
    select id, name
    from campaign_history
    qualify row_number() over (partition by id order by updated_at desc, name) = 1
),

final as (
    select
        own_id(id) as campaign_id,
        name as campaign_name,
        'google' as platform,
        name_tag(name, 'segment') as segment_id,
        name_tag(name, 'experiment') as experiment_key
    from latest_campaigns
)

select * from final
order by all
