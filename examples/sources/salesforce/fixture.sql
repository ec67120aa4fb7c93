insert into contact values
    ('003A', '001A', 'eve@corp.example', '+1 212 555 0100', null, 'Eve', 'Stone', '10001', 'US', true,
        '2025-01-01 00:00:00+00', '2026-02-01 00:00:00+00', false),
    ('003B', '001A', 'old@corp.example', null, null, null, 'Old', null, null, true,
        '2025-01-01 00:00:00+00', '2026-02-01 00:00:00+00', true);

insert into lead values
    ('00QA', 'finn@corp.example', null, '+1 212 555 0101', 'Finn', 'Frost', null, null, 'Open', false, false,
        '2025-06-01 00:00:00+00', null, false),
    -- Eve, before she was a contact.
    ('00QB', 'eve@corp.example', null, null, 'Eve', 'Stone', null, null, 'Converted', false, true,
        '2024-12-01 00:00:00+00', null, false);

insert into account values
    ('001A', 'Corp', '2024-12-15 00:00:00+00', false), ('001B', 'Gone', '2024-12-15 00:00:00+00', true);

insert into opportunity values
    ('006A', '001A', true, '2025-05-01', false),
    ('006B', '001A', true, '2025-03-01', false),
    ('006C', '001A', true, '2025-01-01', true),
    ('006D', '001A', false, '2024-12-31', false);

insert into campaign values
    ('701A', 'Trial [segment=trials_ending@7d]', 'Email', false), ('701B', 'Fair', null, false), ('701C', 'Old', 'Email', true);

insert into campaign_member values
    ('00vA', '701A', '003A', '00QB', 'Responded', '2026-03-01 08:00:00+00', false),
    ('00vB', '701A', null, '00QA', 'Sent', '2026-03-01 08:00:00+00', false),
    ('00vC', '701B', null, '00QA', 'Planned', '2026-03-01 08:00:00+00', false),
    ('00vD', '701B', '003A', null, 'Sent', '2026-03-01 08:00:00+00', true),
    -- Neither contact nor lead: the record was purged.
    ('00vE', '701B', null, null, 'Sent', '2026-03-01 08:00:00+00', false);
