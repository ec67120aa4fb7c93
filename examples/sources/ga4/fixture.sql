-- 1772359200000000 is 2026-03-01 10:00 UTC.
insert into events by name
select
    '20260301' as event_date,
    1772359200000000 + 1000000 * e.second as event_timestamp,
    e.event_name,
    list_transform(
        list_filter(
            [
                {'key': 'page_location', 'text': e.page}, {'key': 'currency', 'text': e.currency},
                {'key': 'search_term', 'text': e.term}
            ],
            lambda p: p.text is not null
        ),
        lambda p: {
            'key': p.key,
            'value': {
                'string_value': p.text, 'int_value': null::bigint, 'float_value': null::double,
                'double_value': null::double
            }
        }
    ) as event_params,
    1 as event_bundle_sequence_id,
    e.second as batch_event_index,
    e.user_id,
    e.user_pseudo_id,
    {'analytics_storage': 'Yes', 'ads_storage': e.ads_storage, 'uses_transient_token': 'No'} as privacy_info,
    {'category': 'mobile', 'operating_system': 'iOS'} as device,
    {
        'manual_campaign_id': e.utm_id, 'manual_campaign_name': null::varchar, 'gclid': null::varchar
    } as collected_traffic_source,
    {
        'google_ads_campaign': {'campaign_id': e.ads_campaign, 'campaign_name': null::varchar}
    } as session_traffic_source_last_click,
    {
        'purchase_revenue': e.revenue, 'purchase_revenue_in_usd': e.revenue * 1.1,
        'transaction_id': case when e.revenue is not null then '5001' else '(not set)' end
    } as ecommerce,
    e.items
from (values
    -- Anonymous, then known; the last export of the day repeats a row.
    (0, 'page_view', 'https://shop.example/pricing', null, null, null, '900.1', 'Yes', 'meta_ads:222', '111', null, null),
    (0, 'page_view', 'https://shop.example/pricing', null, null, null, '900.1', 'Yes', 'meta_ads:222', '111', null, null),
    (1, 'session_start', null, null, null, null, '900.1', 'Yes', null, null, null, null),
    (2, 'view_search_results', null, null, 'red shoes', null, '900.1', 'Yes', '(not set)', '111', null, null),
    (3, 'view_item', null, 'EUR', null, 'u1', '900.1', 'No', null, null, null, [
        {'item_id': 'p1', 'item_name': 'Shoe', 'price': 20.0, 'price_in_usd': 22.0, 'quantity': null}
    ]),
    -- Two items, and no currency.
    (4, 'add_to_cart', null, null, null, 'u1', '900.1', 'No', null, null, null, [
        {'item_id': 'p1', 'item_name': 'Shoe', 'price': 20.0, 'price_in_usd': 22.0, 'quantity': 2},
        {'item_id': 'p2', 'item_name': 'Sock', 'price': 5.0, 'price_in_usd': 5.5, 'quantity': 1}
    ]),
    (5, 'purchase', null, 'EUR', null, 'u1', '900.1', 'Yes', null, null, 45.0, [
        {'item_id': 'p1', 'item_name': 'Shoe', 'price': 20.0, 'price_in_usd': 22.0, 'quantity': 2}
    ]),
    -- An event of one's own, an item event without items, and one of a person who denied everything.
    (6, 'wishlist_shared', null, null, null, 'u1', '900.1', null, null, null, null, null),
    (7, 'remove_from_cart', null, 'EUR', null, 'u1', '900.1', null, null, null, null, []),
    (8, 'page_view', '/', null, null, null, null, 'No', null, null, null, null)
) as e (
    second, event_name, page, currency, term, user_id, user_pseudo_id, ads_storage, utm_id, ads_campaign, revenue, items
);
