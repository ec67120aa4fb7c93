-- All: three visits or more. None: the price list in the same window, or an open cart.
with

frequent_visitors as (select * from {{ ref('seg_frequent_visitors') }}),

pricing_page_visitors as (select * from {{ ref('seg_pricing_page_visitors') }}),

cart_abandoners as (
    select customer_id from {{ ref('seg_cart_abandoners') }}
    group by customer_id
)

select
    frequent_visitors.customer_id,
    frequent_visitors.lookback_days,
    frequent_visitors.variant,
    frequent_visitors.qualified_at,
    frequent_visitors.score
from frequent_visitors
left join pricing_page_visitors
    on
        frequent_visitors.customer_id = pricing_page_visitors.customer_id
        and frequent_visitors.lookback_days = pricing_page_visitors.lookback_days
left join cart_abandoners on frequent_visitors.customer_id = cart_abandoners.customer_id
where pricing_page_visitors.customer_id is null and cart_abandoners.customer_id is null
