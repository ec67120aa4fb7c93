insert into account_history values
    (1, 'EUR', 'Europe/Berlin', '2025-01-01 00:00:00+00'), (1, 'EUR', 'Europe/Paris', '2025-06-01 00:00:00+00');

insert into campaign_history values
    (111, 1, 'Shoes', '2025-01-01 00:00:00+00'),
    (111, 1, 'Shoes [segment=category_browsers/shoes@14d]', '2026-01-01 00:00:00+00'),
    (112, 2, 'Unknown account', '2026-01-01 00:00:00+00');

insert into campaign_stats values
    (1, 111, '2026-03-01', 'MOBILE', 'SEARCH', 1000, 10, 1234567, 0.5, 'f1'),
    (1, 111, '2026-03-01', 'DESKTOP', 'SEARCH', 500, 5, 2000000, 1.25, 'f2'),
    (1, 111, '2026-03-02', 'DESKTOP', 'SEARCH', 0, 0, 0, null, 'f3'),
    -- The account of this one is not synced, so its currency is not known.
    (2, 112, '2026-03-01', 'DESKTOP', 'SEARCH', 10, 1, 500000, 0, 'f4');
