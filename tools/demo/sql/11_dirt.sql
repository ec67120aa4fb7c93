-- What should not be there: programs that pose as visitors, and rows that break the contract. Written once, with the first
-- people. Each kind of broken row is there at least three times at any scale.

create or replace view dirt_numbers as
select
    i as dirt_no,
    child_key(7::ubigint, i + 1000 * getvariable('chapter')) as k,
    -- The first day of the chapter's last week: what is broken is broken recently.
    getvariable('chapter_end') - to_hours(6 + 5 * (i % 30)::integer) as happened_at,
    'ch' || getvariable('chapter') || '-' || i as suffix,
from range(3 + getvariable('customers') // 4000) as numbers (i)
where getvariable('first_person') = 0;

create or replace view bot_events as
with bot_days as (
    select
        bot_no,
        day_no,
    from range(3 + getvariable('customers') // 10000) as bots (bot_no)
    cross join (values (12), (55), (86), (101)) as days (day_no)
    where getvariable('first_person') = 0 and in_chapter(moment(day_no))
),

requests as (
    select
        bot_no,
        day_no,
        unnest(range(
            -- In a long history crawlers are many, but none much busier than the others.
            700 + 60 * case when first_day() < 0 then bot_no % 10 else bot_no end
        )) as request_no,
    from bot_days
)

select
    'e-bot-' || bot_no || '-' || day_no || '-' || request_no as event_id,
    case when request_no % 5 = 0 then 'page_viewed' else 'product_viewed' end as event_name,
    moment(day_no) + to_seconds(7200 + request_no * 40 + bot_no) as occurred_at,
    moment(day_no) + to_seconds(7201 + request_no * 40 + bot_no) as received_at,
    substr(md5('bot' || bot_no), 1, 12) || '-bot' || lpad(bot_no::varchar, 7, '0') as anonymous_id,
    null as user_id,
    case
        when request_no % 5 = 0 then 'https://www.tessera-shop.example/categories/footwear?page=' || request_no // 5
        else 'https://www.tessera-shop.example/products/any/p' || lpad((1 + request_no % 432)::varchar, 4, '0')
    end as page_url,
    null as referrer_url,
    null as search_query,
    case when request_no % 5 > 0 then 'p' || lpad((1 + request_no % 432)::varchar, 4, '0') end as product_id,
    null as content_id,
    null as campaign_id,
    'desktop' as device_type,
    null as quantity,
    null as value_amount,
    null as currency_code,
    '{"user_agent": "price-crawler/2.1"}' as properties,
from requests;

create or replace view broken_events as
with kinds (flaw) as (
    values
        ('no_key'), ('no_name'), ('far_future'), ('epoch'), ('negative_quantity'), ('unknown_currency'), ('nobody'), ('no_time')
)

select
    case when flaw <> 'no_key' then 'e-' || flaw || '-' || suffix end as event_id,
    case when flaw <> 'no_name' then 'product_added' end as event_name,
    case flaw
        when 'far_future' then timestamp '2099-12-31 23:59:59'
        when 'epoch' then timestamp '1970-01-01 00:00:00'
        when 'no_time' then null
        else happened_at
    end as occurred_at,
    happened_at + to_seconds(2) as received_at,
    case when flaw <> 'nobody' then 'broken-device-' || dirt_no end as anonymous_id,
    case when flaw = 'nobody' then '  ' end as user_id,
    'https://www.tessera-shop.example/cart' as page_url,
    null as referrer_url,
    null as search_query,
    'p0001' as product_id,
    null as content_id,
    null as campaign_id,
    'mobile' as device_type,
    case when flaw = 'negative_quantity' then -1 else 1 end as quantity,
    49.90 as value_amount,
    case when flaw = 'unknown_currency' then 'XXX' else 'USD' end as currency_code,
    null as properties,
from dirt_numbers
cross join kinds;

create or replace view broken_orders as
with kinds (flaw) as (
    values
        ('no_key'), ('no_time'), ('far_future'), ('epoch'), ('unknown_status'), ('unknown_currency'), ('negative_amount'),
        ('nobody')
),

made_up as (
    select
        case when flaw <> 'no_key' then 'o-' || flaw || '-' || suffix end as order_id,
        null as user_id,
        case when flaw <> 'nobody' then 'broken' || dirt_no || '@mail.example' end as email,
        null as anonymous_id,
        case flaw
            when 'far_future' then timestamp '2099-01-01 00:00:00'
            when 'epoch' then timestamp '1970-01-01 00:00:00'
            when 'no_time' then null
            else happened_at
        end as ordered_at,
        case flaw when 'unknown_status' then 'teleported' else 'completed' end as order_status,
        case flaw when 'negative_amount' then -49.90 else 49.90 end as order_amount,
        case flaw when 'unknown_currency' then 'XXX' else 'USD' end as currency_code,
    from dirt_numbers
    cross join kinds
),

-- Exported twice: the same order, letter for letter. Only before the launch, so that no experiment depends on it.
repeated as (
    select order_rows.*
    from order_rows
    where
        getvariable('chapter') = 1
        and (
            md5_number_lower(order_rows.order_id) % 60 = 0
            -- At any scale there is one.
            or (getvariable('first_person') = 0 and order_rows.order_id = (select min(order_id) from order_rows))
        )
)

select * from made_up
union all
select * from repeated;

create or replace view broken_order_lines as
with kinds (flaw) as (values ('unknown_order'), ('negative_quantity'), ('no_line_number'), ('rejected_order'))

select
    case flaw
        when 'unknown_order' then 'o-nowhere-' || suffix
        when 'rejected_order' then 'o-unknown_status-' || suffix
        else 'o-' || flaw || '-' || suffix
    end as order_id,
    case when flaw <> 'no_line_number' then 1 end as line_number,
    'p0001' as product_id,
    case when flaw = 'negative_quantity' then -2 else 1 end as quantity,
    49.90 as line_amount,
from dirt_numbers
cross join kinds;

create or replace view broken_contacts as
select
    case when flaw <> 'no_key' then 'ct-' || flaw || '-' || suffix end as contact_id,
    null as user_id,
    case when flaw = 'no_at_sign' then 'not an address' else 'broken' || dirt_no || '@mail.example' end as email,
    '12' as phone,
    null as first_name,
    null as last_name,
    null as postal_code,
    null as country_code,
    null as account_id,
    null as lifecycle_stage,
    null as is_internal,
    case flaw when 'far_future' then timestamp '2099-06-01 00:00:00' when 'no_time' then null else happened_at end as created_at,
    null as updated_at,
from dirt_numbers
cross join (values ('no_key'), ('far_future'), ('no_time'), ('no_at_sign')) as kinds (flaw);

create or replace view broken_consents as
select
    case when flaw <> 'no_key' then 'cs-' || flaw || '-' || suffix end as consent_id,
    case when flaw = 'unknown_type' then 'fingerprint' else 'email' end as identifier_type,
    case when flaw <> 'nobody' then 'broken' || dirt_no || '@mail.example' end as identifier_value,
    case when flaw = 'unknown_purpose' then 'world_domination' else 'analytics' end as purpose,
    case when flaw = 'unknown_status' then 'maybe' else 'granted' end as status,
    happened_at as recorded_at,
    'import' as source,
from dirt_numbers
cross join (values ('no_key'), ('unknown_type'), ('unknown_purpose'), ('unknown_status'), ('nobody')) as kinds (flaw);

create or replace view broken_deliveries as
select
    case when flaw <> 'no_key' then 'cmp-010' end as campaign_id,
    (happened_at - to_days(dirt_no::integer))::date as delivery_date,
    case when flaw = 'more_clicks' then 10 else 1000 end as impressions,
    case when flaw = 'more_clicks' then 25 else 12 end as clicks,
    case when flaw = 'negative_spend' then -5.00 else 8.40 end as spend_amount,
    case when flaw = 'unknown_currency' then 'XXX' else 'USD' end as currency_code,
    null as platform_conversions,
from dirt_numbers
cross join (values ('no_key'), ('more_clicks'), ('negative_spend'), ('unknown_currency')) as kinds (flaw)
-- One flaw a day, so that the key itself stays unique.
where dirt_no % 4 = case flaw when 'no_key' then 0 when 'more_clicks' then 1 when 'negative_spend' then 2 else 3 end;

create or replace view broken_touches as
select
    case when flaw <> 'no_key' then 't-' || flaw || '-' || suffix end as touch_id,
    'cmp-001' as campaign_id,
    null as creative_key,
    case when flaw = 'unknown_identifier' then 'fingerprint' else 'anonymous_id' end as identifier_type,
    'broken-device-' || dirt_no as identifier_value,
    case when flaw = 'unknown_touch' then 'telepathy' else 'impression' end as touch_type,
    case when flaw = 'far_future' then timestamp '2099-06-01 00:00:00' else happened_at end as touched_at,
from dirt_numbers
cross join (values ('no_key'), ('unknown_identifier'), ('unknown_touch'), ('far_future')) as kinds (flaw);

create or replace view broken_erasures as
select
    case when flaw <> 'no_key' then 'er-' || flaw || '-' || suffix end as request_id,
    case when flaw = 'unknown_type' then 'passport' else 'email' end as identifier_type,
    'broken' || dirt_no || '@mail.example' as identifier_value,
    happened_at as requested_at,
from dirt_numbers
cross join (values ('no_key'), ('unknown_type')) as kinds (flaw)
where dirt_no < 3;

create or replace view broken_attributes as
select
    'northdata' as provider,
    case when flaw = 'unknown_party' then 'fourth' else 'third' end as party,
    case when flaw = 'unknown_type' then 'passport' else 'email' end as identifier_type,
    'broken-' || flaw || dirt_no || '@mail.example' as identifier_value,
    'home_owner' as attribute_name,
    case when flaw <> 'no_value' then 'yes' end as attribute_value,
    happened_at as observed_at,
    happened_at + to_days(90) as expires_at,
    case when flaw <> 'no_legal_basis' then 'consent' end as legal_basis,
from dirt_numbers
cross join (values ('unknown_party'), ('unknown_type'), ('no_value'), ('no_legal_basis')) as kinds (flaw)
where dirt_no < 3;
