-- ads/campaigns: one row per e-mail campaign.
--
-- Which segment a campaign addresses and which experiment it delivers HubSpot does not know. A convention in the name can
-- say it: here [segment=...] and [experiment=...] anywhere in it.
with

final as (
    select
        own_id(id) as campaign_id,
        coalesce(name, subject) as campaign_name,
        'email' as platform,
        name_tag(name, 'segment') as segment_id,
        name_tag(name, 'experiment') as experiment_key
    from email_campaign
)

select * from final
order by all
