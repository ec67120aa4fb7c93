-- ads/touches: one row per campaign and household that got it. The wheel says that a household got
-- a campaign, not when: the campaign's first day is the earliest moment at which it can have.
with final as (
    select
        campaigns.campaign_id || '-' || campaigns.household_id as touch_id,
        cast(campaigns.campaign_id as text) as campaign_id,
        cast(null as text) as creative_key,
        'user_id' as identifier_type,
        cast(campaigns.household_id as text) as identifier_value,
        'send' as touch_type,
        campaign_descriptions.start_date as touched_at
    from campaigns
    inner join campaign_descriptions
        on campaigns.campaign_id = campaign_descriptions.campaign_id
)

select * from final
order by touch_id
