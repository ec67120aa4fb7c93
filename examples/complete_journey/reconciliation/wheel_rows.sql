-- One row per contract table: how many rows the wheel's own records give it.
with households as (
    select household_id from transactions
    union
    select household_id from campaigns
),

demographic_answers as (
    select
        count(age) + count(income) + count(home_ownership) + count(marital_status)
        + count(household_size) + count(household_comp) + count(kids_count) as answers
    from demographics
),

final as (
    select 'shop/products' as source_table, count(*) as wheel_rows from products
    union all
    select 'shop/orders', count(distinct basket_id) from transactions
    union all
    select 'shop/order_lines', count(*) from transactions
    union all
    select 'crm/contacts', count(*) from households
    union all
    select 'crm/accounts', count(*) from households
    union all
    select 'ads/campaigns', count(*) from campaign_descriptions
    union all
    select 'ads/touches', count(*) from campaigns
    union all
    select 'web/events', count(*) from coupon_redemptions
    union all
    select 'enrichment/attributes', answers from demographic_answers
)

select * from final
order by source_table
