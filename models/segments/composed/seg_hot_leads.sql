-- All: the price list within 7 days. Any: an open cart, or high engagement without an order ever.
-- None: an order within 7 days.
with

pricing_page_visitors as (
    select * from {{ ref('seg_pricing_page_visitors') }}
    where lookback_days = 7
),

with_intent as (
    select customer_id from {{ ref('seg_cart_abandoners') }}
    union
    select customer_id from {{ ref('seg_high_value_prospects') }}
),

recent_buyers as (
    select customer_id from {{ ref('int_customer_features') }}
    where lookback_days = 7 and order_count > 0
)

select
    pricing_page_visitors.customer_id,
    pricing_page_visitors.lookback_days,
    pricing_page_visitors.variant,
    pricing_page_visitors.qualified_at,
    pricing_page_visitors.score
from pricing_page_visitors
inner join with_intent on pricing_page_visitors.customer_id = with_intent.customer_id
left join recent_buyers on pricing_page_visitors.customer_id = recent_buyers.customer_id
where recent_buyers.customer_id is null
