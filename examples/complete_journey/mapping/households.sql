-- One row per household: a view that other mappings read. A household is known from the moment at
-- which any record names it: 155 households got a campaign before their first purchase on record.
-- All records of coupons redeemed follow a purchase, so they add nothing here.
with purchases as (
    select
        household_id,
        transaction_timestamp as seen_at
    from transactions
),

campaigns_received as (
    select
        campaigns.household_id,
        campaign_descriptions.start_date as seen_at
    from campaigns
    inner join campaign_descriptions
        on campaigns.campaign_id = campaign_descriptions.campaign_id
),

records as (
    select * from purchases
    union all
    select * from campaigns_received
),

final as (
    select
        cast(household_id as text) as household_id,
        min(seen_at) as first_seen_at
    from records
    group by household_id
)

select * from final
