-- ads/campaigns: one row per campaign that is not deleted.
--
-- The platform is the campaign's type in Salesforce's words, Email as email. Which segment and which experiment a campaign
-- serves is said by [segment=...] and [experiment=...] in its name, as in hubspot/; a custom field is the better place.
with

final as (
    select
        own_id(id) as campaign_id,
        name as campaign_name,
        coalesce(lower(type), 'other') as platform,
        name_tag(name, 'segment') as segment_id,
        name_tag(name, 'experiment') as experiment_key
    from campaign
    where not coalesce(is_deleted, false)
)

select * from final
order by all
