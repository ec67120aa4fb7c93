insert into events by name
select
    e.event_id,
    e.event,
    e.event_name,
    cast(e.collector_tstamp as timestamp) as collector_tstamp,
    cast(e.derived_tstamp as timestamp) as derived_tstamp,
    e.user_id,
    e.domain_userid,
    e.page_url,
    e.dvce_type,
    e.dvce_ismobile
from (values
    ('s1', 'page_view', 'page_view', '2026-03-01 10:00:05', '2026-03-01 10:00:00', null, 'd1',
        'https://shop.example/pricing?utm_source=meta&utm_id=meta_ads%3A222#top', 'Mobile', true),
    -- The collector wrote it twice.
    ('s1', 'page_view', 'page_view', '2026-03-01 10:00:07', '2026-03-01 10:00:00', null, 'd1',
        'https://shop.example/pricing?utm_source=meta&utm_id=meta_ads%3A222#top', 'Mobile', true),
    ('s2', 'page_ping', 'page_ping', '2026-03-01 10:00:15', '2026-03-01 10:00:10', null, 'd1', null, null, null),
    -- No derived time: an old tracker.
    ('s8', 'page_view', 'page_view', '2026-03-01 11:00:00', null, 'u1', null, '/', 'Computer', false),
    -- Nobody.
    ('s9', 'page_view', 'page_view', '2026-03-01 11:00:00', null, null, null, '/', null, null)
) as e (
    event_id, event, event_name, collector_tstamp, derived_tstamp, user_id, domain_userid, page_url, dvce_type,
    dvce_ismobile
);

-- Two products put into the cart at once, then the order with both, then a search.
insert into events by name
select
    'unstruct' as event,
    e.event_id,
    e.event_name,
    cast('2026-03-01 10:02:00' as timestamp) as collector_tstamp,
    cast('2026-03-01 10:01:59' as timestamp) as derived_tstamp,
    'u1' as user_id,
    'd1' as domain_userid,
    e.action as unstruct_event_com_snowplowanalytics_snowplow_ecommerce_snowplow_ecommerce_action_1,
    e.search as unstruct_event_com_snowplowanalytics_snowplow_site_search_1,
    e.products as contexts_com_snowplowanalytics_snowplow_ecommerce_product_1,
    e.order_entity as contexts_com_snowplowanalytics_snowplow_ecommerce_transaction_1
from (values
    ('s3', 'snowplow_ecommerce_action', '{"type": "add_to_cart"}', null,
        '[{"id": "p1", "price": 20.5, "currency": "EUR", "quantity": 2}, {"id": "p2", "price": 5, "currency": "EUR"}]', null),
    ('s4', 'snowplow_ecommerce_action', '{"type": "transaction"}', null,
        '[{"id": "p1", "price": 20.5, "currency": "EUR", "quantity": 2}, {"id": "p2", "price": 5, "currency": "EUR"}]',
        '[{"transaction_id": "5001", "revenue": 46, "currency": "EUR"}]'),
    ('s5', 'site_search', null, '{"terms": ["red", "shoes"]}', null, null)
) as e (event_id, event_name, action, search, products, order_entity);

-- A structured event, and an app without a cookie.
insert into events by name
select
    's6' as event_id,
    'struct' as event,
    'event' as event_name,
    timestamp '2026-03-01 10:03:00' as collector_tstamp,
    'Video' as se_category,
    'Play' as se_action,
    '[{"userId": "app-7", "sessionIndex": 1}]' as contexts_com_snowplowanalytics_snowplow_client_session_1;

insert into events by name
select
    e.event_id,
    'unstruct' as event,
    'consent_preferences' as event_name,
    cast(e.moment as timestamp) as collector_tstamp,
    'd1' as domain_userid,
    e.preferences as unstruct_event_com_snowplowanalytics_snowplow_consent_preferences_1
from (values
    ('c1', '2026-03-01 09:59:00', '{"eventType": "allow_selected", "consentScopes": ["analytics"]}'),
    ('c2', '2026-03-01 12:00:00', '{"eventType": "deny_all", "consentScopes": []}'),
    ('c3', '2026-03-01 13:00:00', '{"eventType": "pending", "consentScopes": []}'),
    ('c4', '2026-03-01 14:00:00', '{"eventType": "expired", "consentScopes": ["analytics"]}')
) as e (event_id, moment, preferences);
