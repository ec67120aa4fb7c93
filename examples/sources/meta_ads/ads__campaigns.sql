-- ads/campaigns: one row per campaign, as it was last extracted.
--
-- Which segment and which experiment a campaign serves is said by [segment=...] and [experiment=...] in its name.
with

latest_campaigns as (
    select id, name
    from campaigns
    qualify row_number() over (
            partition by id
            order by _airbyte_extracted_at desc, updated_time desc, name
        ) = 1
),

final as (
    select
        own_id(id) as campaign_id,
        name as campaign_name,
        'meta' as platform,
        name_tag(name, 'segment') as segment_id,
        name_tag(name, 'experiment') as experiment_key
    from latest_campaigns
)

select * from final
order by all
