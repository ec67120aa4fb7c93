insert into contact values
    (301, 'Ann@Shop.example', '+49 30 1234567', 'Ann', 'Miller', '10115', 'de', 'customer', 401,
        '2025-01-01 00:00:00+00', '2026-03-01 00:00:00+00', false),
    (302, 'dora@shop.example', '030 1234567', 'Dora', null, null, 'Germany', 'lead', null,
        '2025-02-01 00:00:00+00', null, null),
    -- Deleted; and an import that lost its date.
    (303, 'gone@shop.example', null, null, null, null, null, null, null, '2025-02-01 00:00:00+00', null, true),
    (304, 'undated@shop.example', null, null, null, null, null, null, null, null, null, false);

insert into company values
    (401, 'Acme', '2024-01-01 00:00:00+00', '2024-06-01 00:00:00+00', false),
    (402, 'Gone Ltd', '2024-01-01 00:00:00+00', null, true);

insert into email_campaign values
    (501, 'Spring [segment=cart_abandoners@7d] [experiment=cart_recovery]', 'Your cart', 601),
    (502, null, 'Hello', null);

insert into email_event values
    ('e1', 501, 'ann@shop.example', 'SENT', '2026-03-01 08:00:00+00', false),
    ('e2', 501, 'ann@shop.example', 'OPEN', '2026-03-01 08:30:00+00', false),
    ('e3', 501, 'ann@shop.example', 'CLICK', '2026-03-01 08:31:00+00', null),
    ('e4', 501, 'ann@shop.example', 'CLICK', '2026-03-01 08:00:01+00', true),
    ('e5', 501, 'dora@shop.example', 'BOUNCE', '2026-03-01 08:00:01+00', false),
    ('e6', 502, null, 'SENT', '2026-03-01 08:00:00+00', false);

insert into email_subscription_change values
    ('ann@shop.example', '2025-01-01 00:00:00+00', 'SUBSCRIBED', 'PORTAL_STATUS', 'SOURCE_RECIPIENT', null),
    ('ann@shop.example', '2025-01-01 00:00:00+00', 'SUBSCRIBED', 'SUBSCRIPTION_STATUS', 'SOURCE_RECIPIENT', 7),
    ('dora@shop.example', '2025-05-01 00:00:00+00', 'UNSUBSCRIBED', 'SUBSCRIPTION_STATUS', 'SOURCE_RECIPIENT', 7),
    ('dora@shop.example', '2025-06-01 00:00:00+00', 'BOUNCED', 'PORTAL_BOUNCE', 'SOURCE_NON_DELIVERY_REPORT', null);
