insert into campaigns values
    ('222', 'Cart', '2026-02-01T00:00:00+0000', '2026-02-02 00:00:00+00'),
    ('222', 'Cart [experiment=cart_recovery]', '2026-03-01T00:00:00+0000', '2026-03-02 00:00:00+00');

insert into ads_insights values
    -- Two ads; of the first, an earlier extraction with less.
    ('9', 'EUR', '222', 'ad1', '2026-03-01', '2026-03-01', '800', '8', '5.10', null, '2026-03-02 00:00:00+00'),
    ('9', 'EUR', '222', 'ad1', '2026-03-01', '2026-03-01', '1000', '10', '6.20',
        '[{"action_type": "link_click", "value": "9"}, {"action_type": "purchase", "value": "2"},
          {"action_type": "omni_purchase", "value": "2"}]', '2026-03-03 00:00:00+00'),
    ('9', 'EUR', '222', 'ad2', '2026-03-01', '2026-03-01', '500', null, '1.11', '[]', '2026-03-03 00:00:00+00'),
    -- A report over a month.
    ('9', 'EUR', '222', 'ad1', '2026-02-01', '2026-02-28', '90000', '900', '500', null, '2026-03-03 00:00:00+00'),
    -- More clicks than impressions.
    ('9', 'EUR', '222', 'ad1', '2026-03-02', '2026-03-02', '1', '2', '0.01', null, '2026-03-03 00:00:00+00');
