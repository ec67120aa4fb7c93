insert into pages values
    -- An anonymous visitor on a phone, who comes from a campaign ...
    ('m1', 'a1', null, '2026-03-01 10:00:00+00', '2026-03-01 10:00:02+00', 'https://shop.example/pricing', 'https://news.example',
        'Mozilla/5.0 (iPhone) Mobile Safari', null, 'google_ads:111'),
    -- ... the same call once more: Segment delivers at least once.
    ('m1', 'a1', null, '2026-03-01 10:00:00+00', '2026-03-01 10:05:00+00', 'https://shop.example/pricing', 'https://news.example',
        'Mozilla/5.0 (iPhone) Mobile Safari', null, 'google_ads:111'),
    -- A server call without a browser, at a time of another zone.
    ('m2', null, 'u2', '2026-03-01 23:30:00-02', '2026-03-02 01:30:01+00', '/cart', null, null, null, null),
    -- Nobody.
    ('m3', null, null, '2026-03-01 10:00:00+00', '2026-03-01 10:00:02+00', '/', null, null, null, null);

insert into tracks values
    ('t1', 'a1', null, '2026-03-01 10:01:00+00', '2026-03-01 10:01:01+00', 'product_viewed', 'Product Viewed',
        'https://shop.example/p/1?utm_id=hubspot:501', null, 'Mozilla/5.0 (iPad)', null, null),
    ('t2', 'a1', 'u1', '2026-03-01 10:02:00+00', '2026-03-01 10:02:01+00', 'product_added', 'Product Added',
        'https://shop.example/p/1', null, 'Mozilla/5.0 (X11)', null, null),
    -- A price without a currency.
    ('t3', 'a1', 'u1', '2026-03-01 10:03:00+00', '2026-03-01 10:03:01+00', 'product_removed', 'Product Removed',
        null, null, null, 'android', null),
    ('t4', 'a1', 'u1', '2026-03-01 10:04:00+00', '2026-03-01 10:04:01+00', 'products_searched', 'Products Searched',
        null, null, null, null, null),
    ('t5', 'a1', 'u1', '2026-03-01 10:05:00+00', '2026-03-01 10:05:01+00', 'order_completed', 'Order Completed',
        null, null, null, null, null),
    -- An event of one's own, which has no table here.
    ('t6', 'a1', 'u1', '2026-03-01 10:06:00+00', '2026-03-01 10:06:01+00', 'wishlist_shared', 'Wishlist Shared',
        null, null, null, null, null);

insert into product_viewed values ('t1', '2026-03-01 10:01:01+00', 'p1', null, 20.0, 'USD');
insert into product_added values
    ('t2', '2026-03-01 10:02:01+00', 'p1', 2, 20.0, 'USD'), ('t2', '2026-03-01 10:09:01+00', 'p1', 2, 20.0, 'USD');
insert into product_removed values ('t3', '2026-03-01 10:03:01+00', 'p1', 1, 20.0, null);
insert into products_searched values ('t4', '2026-03-01 10:04:01+00', 'red shoes');
insert into order_completed values
    ('t5', '2026-03-01 10:05:01+00', '5001', null, 33.5, 'EUR', '[{"product_id": "p1"}]');

insert into identifies values
    ('i1', 'a1', 'u1', '2026-03-01 10:01:30+00', '2026-03-01 10:01:31+00', null, null, null, null, null),
    -- Traits of somebody anonymous.
    ('i2', 'a9', null, '2026-03-01 10:01:30+00', '2026-03-01 10:01:31+00', null, null, null, null, null);

insert into users (
    id, received_at, email, phone, first_name, last_name, address_postal_code, address_country, created_at
) values
    ('u1', '2026-03-01 10:01:31+00', ' Ann@Shop.example', '+49 30 1234567', 'Ann', 'Miller', '10115', 'DE',
        '2025-01-01 00:00:00+00'),
    -- Updated later, so this is the row that counts; no created_at, and a country in words.
    ('u1', '2026-03-05 10:00:00+00', 'ann@shop.example', '+49 30 1234567', 'Ann', 'Miller', '10115', 'Germany', null),
    ('u2', '2026-03-02 01:30:01+00', null, null, null, null, null, null, null);

insert into groups values
    ('g1', 'acme', 'u1', '2026-03-01 11:00:00+00', '2026-03-01 11:00:01+00', 'Acme', 'starter', '2024-05-01 00:00:00+00'),
    ('g2', 'acme', 'u1', '2026-03-02 11:00:00+00', '2026-03-02 11:00:01+00', null, 'team', null),
    ('g3', null, 'u2', '2026-03-02 11:00:00+00', '2026-03-02 11:00:01+00', 'No id', null, null);
