-- What is written: one view per table of the input contract, with the columns in the contract's order.

create or replace view out_web__events as
select * from event_rows
union all
select * from bot_events
union all
select * from broken_events;

-- The events of a longer history are kept by arrival: a file a week, counted back from the end of the chapter, and for
-- the last of these weeks a file a day. Each is called by its first day.
create or replace macro days_back(days_ago) as
    case when days_ago <= 7 then days_ago else (days_ago + 6) // 7 * 7 end;
create or replace macro arrival_file(received_at, occurred_at) as
    getvariable('chapter_end')::date - days_back(
        date_diff('day', coalesce(received_at, occurred_at)::date, getvariable('chapter_end')::date)
    )::integer;

create or replace view out_crm__contacts as
select * from contact_rows
union all
select * from broken_contacts;

create or replace view out_crm__accounts as
select * from account_rows;

create or replace view out_crm__consents as
select * from consent_rows
union all
select * from broken_consents;

create or replace view out_shop__orders as
select * from order_rows
union all
select * from broken_orders;

create or replace view out_shop__order_lines as
select * from order_line_rows
union all
select * from broken_order_lines;

-- Products and campaigns are the same for everybody: written once, with the first people of chapter 1.
create or replace view out_shop__products as
select
    product_id,
    product_name,
    shown_category as category,
    subcategory,
    case
        when is_unpriced then null
        when is_imported then round(usd_price / 1.1, 2)
        else usd_price
    end as list_price,
    case when is_unpriced then null when is_imported then 'EUR' else 'USD' end as currency_code,
from products
where getvariable('chapter') = 1 and getvariable('first_person') = 0;

create or replace view out_ads__campaigns as
select
    campaign_id,
    campaign_name,
    platform,
    segment_id,
    experiment_key,
from campaigns
where getvariable('chapter') = 1 and getvariable('first_person') = 0;

create or replace view out_ads__daily_delivery as
select * from daily_delivery_rows
where getvariable('first_person') = 0
union all
select * from broken_deliveries;

create or replace view out_ads__touches as
select * from touch_rows
union all
select * from broken_touches;

create or replace view out_experiments__assignments as
select * from external_assignment_rows;

create or replace view out_privacy__erasure_requests as
select * from erasure_rows
union all
select * from broken_erasures;

-- On the day after the launch most batches are confirmed; some fail, of some a part is taken, of some nothing is heard.
create or replace view out_activation__uploads as
with fates as (
    select
        *,
        draw('fate of the upload', md5_number_lower(batch_id) & 4294967295::ubigint) as fate,
    from sent_batches
    where getvariable('first_person') = 0
)

select
    'up-' || substr(batch_id, 3, 12) as upload_id,
    batch_id,
    destination_key,
    segment_id,
    case when fate < 0.75 then 'confirmed' else 'failed' end as status,
    case when fate < 0.05 then row_count - 1 when fate < 0.75 then row_count end as row_count,
    getvariable('launch') + interval 6 hours + to_minutes((fate * 600)::integer) as reported_at,
from fates
where fate < 0.85;

create or replace view out_enrichment__attributes as
select * from attribute_rows
union all
select * from broken_attributes;
