-- What the invented company sells, writes and advertises. Small tables, the same for every scale.

-- Categories are numbered by popularity. Lists instead of a table, so that the event stream needs no join for a name.
create or replace macro category_name(category_no) as
    (['footwear', 'apparel', 'electronics', 'home', 'outdoor', 'beauty', 'toys', 'books'])[category_no];
create or replace macro category_product_count(category_no) as
    ([84, 90, 52, 60, 46, 42, 32, 26])[category_no];
create or replace macro category_products_before(category_no) as
    ([0, 84, 174, 226, 286, 332, 374, 406])[category_no];
create or replace macro category_nouns(category_no) as
    ([
        ['Runner', 'Boot', 'Loafer', 'Trail Shoe'],
        ['Shirt', 'Jacket', 'Chino', 'Pullover'],
        ['Headphones', 'Watch', 'Charger', 'Camera'],
        ['Kettle', 'Duvet', 'Lamp', 'Basket'],
        ['Tent', 'Backpack', 'Pannier', 'Harness'],
        ['Cream', 'Shampoo', 'Perfume', 'Brush'],
        ['Puzzle', 'Blocks', 'Board Game', 'Doll'],
        ['Novel', 'Guide', 'Cookbook', 'Atlas']
    ])[category_no];
create or replace macro category_subcategories(category_no) as
    ([
        ['running', 'hiking', 'casual', 'formal'],
        ['shirts', 'jackets', 'trousers', 'knitwear'],
        ['audio', 'wearables', 'chargers', 'cameras'],
        ['kitchen', 'bedding', 'lighting', 'storage'],
        ['tents', 'backpacks', 'cycling', 'climbing'],
        ['skin care', 'hair', 'fragrance', 'tools'],
        ['puzzles', 'building', 'games', 'dolls'],
        ['fiction', 'travel', 'cooking', 'science']
    ])[category_no];
create or replace macro category_low_price(category_no) as ([35, 15, 25, 10, 20, 8, 9, 7])[category_no];
create or replace macro category_high_price(category_no) as ([210, 140, 640, 260, 380, 85, 95, 45])[category_no];

-- The category that a draw falls into. Shares follow Zipf's law (1 / rank ^ 0.9): one category takes a third of the
-- interest, the last a twentieth.
create or replace macro category_of(share) as
    case
        when share < 0.338 then 1
        when share < 0.519 then 2
        when share < 0.645 then 3
        when share < 0.742 then 4
        when share < 0.821 then 5
        when share < 0.888 then 6
        when share < 0.947 then 7
        else 8
    end;

create or replace macro product_id_of(product_no) as 'p' || lpad(product_no::varchar, 4, '0');

-- One row per product. usd_price is what the demo charges; list_price and its currency are what the shop's export says.
create or replace table products as
with categories as (
    select unnest(range(1, 9)) as category_no
),

numbered as (
    select
        category_no,
        unnest(range(1, category_product_count(category_no) + 1)) as rank_no,
    from categories
),

keyed as (
    select
        category_no,
        category_products_before(category_no) + rank_no as product_no,
        child_key(1::ubigint, category_products_before(category_no) + rank_no) as k,
    from numbered
),

priced as (
    select
        *,
        round(
            category_low_price(category_no)
            * power(category_high_price(category_no)::double / category_low_price(category_no), draw('price', k))
        )::decimal(10, 2)
        - pick(draw('price ending', k), [0.01, 0.05, 0.10, 0.50])::decimal(10, 2) as usd_price,
        draw('product currency', k) < 0.25 as is_imported,
        pick(draw('subcategory', k), [1, 2, 3, 4]) as subcategory_no,
    from keyed
)

select
    product_no,
    category_no,
    product_id_of(product_no) as product_id,
    pick(draw('maker', k), ['Alder', 'Birch', 'Cove', 'Dune', 'Ember', 'Fjord', 'Grove', 'Harbor', 'Isle', 'Juniper'])
    || ' ' || category_nouns(category_no)[subcategory_no] || ' ' || (100 + product_no)::varchar as product_name,
    case
        when draw('no category', k) < 0.005 or product_no = 400 then null
        when draw('category in capitals', k) < 0.03 then upper(left(category_name(category_no), 1)) || substr(category_name(category_no), 2) || ' '
        else category_name(category_no)
    end as shown_category,
    case when draw('no subcategory', k) >= 0.04 then category_subcategories(category_no)[subcategory_no] end as subcategory,
    usd_price,
    draw('no list price', k) < 0.01 or product_no = 401 as is_unpriced,
    is_imported,
from priced;

-- Campaigns. Four of them carry the experiments; the others run all the time. reach is the share of people touched a day.
create or replace table campaigns as
select *
from (
    values
        ('cmp-001', 'Brand search', 'google', null, null, 'USD', 0.020, 0.062, 0.74),
        ('cmp-002', 'Brand search Europe', 'google', null, null, 'EUR', 0.012, 0.058, 0.69),
        ('cmp-003', 'Shopping feed footwear', 'google', 'category_enthusiasts/footwear@30d', null, 'USD', 0.030, 0.018, 0.41),
        ('cmp-004', 'Shopping feed electronics', 'google', 'category_enthusiasts/electronics@30d', null, 'EUR', 0.022, 0.015, 0.52),
        ('cmp-005', 'Prospecting video', 'meta', null, null, 'USD', 0.080, 0.006, 0.63),
        ('cmp-006', 'Prospecting video Europe', 'meta', null, null, 'EUR', 0.060, 0.007, 0.58),
        ('cmp-007', 'Cart reminder ads', 'meta', 'cart_abandoners', null, 'USD', 0.010, 0.014, 0.88),
        ('cmp-008', 'Newsletter', 'email', null, null, 'USD', 0.000, 0.000, 0.00),
        ('cmp-009', 'Partner banners', 'display', null, null, 'EUR', 0.045, 0.003, 0.22),
        ('cmp-010', 'Old brand film', 'meta', null, null, 'USD', 0.000, 0.000, 0.00),
        ('cmp-101', 'Cart recovery e-mail', 'email', 'cart_abandoners', 'cart_recovery', 'USD', 0.000, 0.000, 0.00),
        ('cmp-102', 'Trial savings in the app', 'in_app', 'trial_power_users', 'trial_upsell', 'EUR', 0.000, 0.000, 0.00),
        ('cmp-103', 'Pricing comparison page', 'google', 'pricing_page_visitors@7d', 'pricing_follow_up', 'USD', 0.000, 0.000, 0.00),
        ('cmp-104', 'Thank-you banner', 'display', 'frequent_visitors@30d', 'loyalty_banner', 'EUR', 0.000, 0.000, 0.00)
) as listed (
    campaign_id, campaign_name, platform, segment_id, experiment_key, currency_code, reach, click_rate, cost_per_click
);

-- What the demo plants. A treated unit's chance to order (or an account's to subscribe) and the value of its orders are
-- multiplied by these; arms that are not listed change nothing.
create or replace table planted_arms as
select *
from (
    values
        ('cart_recovery', 'reminder', 'customer', 1.23, 1.17, 'cart_reminder', 'cmp-101', 'email', 0.006),
        ('trial_upsell', 'savings', 'account', 1.12, 1.00, 'trial_savings', 'cmp-102', 'in_app', 0.050),
        ('pricing_follow_up', 'comparison', 'customer', 1.26, 1.00, 'pricing_comparison', 'cmp-103', 'ads', 0.120),
        ('loyalty_banner', 'banner', 'customer', 1.00, 1.00, 'loyalty_thanks', 'cmp-104', 'ads', 0.015)
) as listed (
    experiment_key, arm_key, unit_type, conversion_effect, value_effect, creative_key, campaign_id, channel, unit_cost
);

-- What the shop's former testing tool tried. Its arms are drawn apart from everything that people do
-- (09_customer_records.sql) and nothing that people do looks at them: the effect is zero.
create or replace table external_arms as
select *
from (
    values
        ('checkout_button_2026_02', 'green_button', 'customer')
) as listed (experiment_key, arm_key, unit_type);
