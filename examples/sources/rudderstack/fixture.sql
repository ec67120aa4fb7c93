-- RudderStack's warehouse destinations: https://www.rudderstack.com/docs/destinations/warehouse-destinations/warehouse-schema/
-- The tables are those of segment/schema.sql.

insert into pages by name
    select
        'r1' as id, 'ra1' as anonymous_id, timestamptz '2026-03-01 09:00:00+00' as "timestamp",
        timestamptz '2026-03-01 09:00:01+00' as received_at, '/pricing' as url, 'Mozilla/5.0 (X11)' as context_user_agent;

insert into tracks by name
    select
        'r2' as id, 'ra1' as anonymous_id, 'ru1' as user_id, timestamptz '2026-03-01 09:01:00+00' as "timestamp",
        timestamptz '2026-03-01 09:01:01+00' as received_at, 'product_added' as event;

insert into product_added values ('r2', '2026-03-01 09:01:01+00', 'p2', null, 7.5, 'USD');

-- A user who was never seen to identify, and whose traits say only an e-mail,
-- where the SDK put it.
insert into users by name
    select 'ru1' as id, timestamptz '2026-03-01 09:01:01+00' as received_at,
        'rita@shop.example' as context_traits_email;
