-- ads/touches: one row per campaign member whose status says that something was sent.
--
-- Sent and Responded are the statuses that Salesforce ships; yours may differ, put them into the list. It happened when the
-- member was added, which can be before the sending. Lost: responses, which are no clicks; send them as events if they count.
with

final as (
    select
        own_id(id) as touch_id,
        own_id(campaign_id) as campaign_id,
        cast(null as varchar) as creative_key,
        'contact_id' as identifier_type,
        -- A member was a lead, and is a contact once that lead was converted.
        own_id(coalesce(contact_id, lead_id)) as identifier_value,
        'send' as touch_type,
        cast(created_date as timestamp) as touched_at
    from campaign_member
    where status in ('Sent', 'Responded') and not coalesce(is_deleted, false)
)

select * from final
order by all
