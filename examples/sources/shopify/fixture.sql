insert into shop values (1, 'EUR');

insert into customer values
    (71, 'ann@shop.example', '+49301234567', 'Ann', 'Miller', '2025-01-01 00:00:00+00', '2026-03-01 00:00:00+00', 81,
        'subscribed', null),
    (72, 'bob@shop.example', null, 'Bob', null, '2025-02-01 00:00:00+00', '2026-03-02 00:00:00+00', null,
        'unsubscribed', null),
    -- Erased in the shop; and one who never decided.
    (73, null, null, null, null, '2025-03-01 00:00:00+00', '2026-03-03 00:00:00+00', null,
        'redacted', '2026-03-03 00:00:00+00'),
    (74, 'cy@shop.example', null, null, null, '2025-03-01 00:00:00+00', null, null, 'not_subscribed', null);

insert into customer_address values (81, 71, '10115', 'DE'), (82, 71, '20095', 'DE');

insert into product values (1, 'Shoe', 'Shoes', false), (2, 'Sock', '', false), (3, 'Old shoe', 'Shoes', true);
insert into product_variant values (11, 1, 20.0, 25.0), (12, 1, 30.0, null), (21, 2, 5.0, 0);

insert into "order" values
    (5001, 71, 'ann@shop.example', '2026-03-01 10:05:00+00', '2026-03-01 10:05:00+00', null, 'paid', 45.0, 'EUR', false, false),
    -- Refunded in part: one of two shoes with its tax.
    (5002, 71, 'ann@shop.example', '2026-03-02 10:00:00+01', null, null, 'partially_refunded', 47.6, 'EUR', false, false),
    -- Refunded in part, but not for a line: the shipping.
    (5010, 72, 'bob@shop.example', '2026-03-02 12:00:00+00', null, null, 'partially_refunded', 25.0, 'EUR', false, false),
    (5003, 72, 'bob@shop.example', '2026-03-03 10:00:00+00', null, null, 'refunded', 20.0, 'EUR', false, false),
    (5004, 72, 'bob@shop.example', '2026-03-04 10:00:00+00', null, '2026-03-04 11:00:00+00', 'paid', 20.0, 'EUR', false, false),
    -- A guest who pays later, in a currency without a rate; a test; a deleted one; a status of tomorrow; nobody's.
    (5005, null, 'guest@shop.example', '2026-03-05 10:00:00+00', null, null, 'pending', 100.0, 'DKK', null, null),
    (5006, 72, 'bob@shop.example', '2026-03-06 10:00:00+00', null, null, 'paid', 20.0, 'EUR', true, false),
    (5007, 72, 'bob@shop.example', '2026-03-07 10:00:00+00', null, null, 'paid', 20.0, 'EUR', false, true),
    (5008, 72, 'bob@shop.example', '2026-03-08 10:00:00+00', null, null, 'disputed', 20.0, 'EUR', false, false),
    (5009, null, null, '2026-03-09 10:00:00+00', null, null, 'paid', 20.0, 'EUR', false, false);

insert into order_line values
    (6001, 5001, 2, 1, 2, 20.0),
    (6002, 5001, 1, 2, 1, 10.0),
    (6003, 5002, 1, 1, 2, 20.0),
    (6004, 5003, 1, 1, 1, 20.0),
    -- A line that a staff member typed, without a product; lines of a test and of an order that is not there.
    (6005, 5004, 1, null, 1, 20.0),
    (6006, 5006, 1, 1, 1, 20.0),
    (6007, 4999, 1, 1, 1, 20.0);

insert into discount_allocation values (6001, 1, 4.0), (6001, 2, 1.0);
insert into refund values (9001, 5002, '2026-03-04 09:00:00+00'), (9002, 5003, '2026-03-05 09:00:00+00');
insert into order_line_refund values (9101, 9001, 6003, 1, 20.0, 3.8), (9102, 9002, 6004, 1, 20.0, null);
