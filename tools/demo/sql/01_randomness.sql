-- Chance that every machine repeats. random() depends on threads, md5() is forty times slower, and the engine's hash()
-- may change with its version; so a draw is plain 32-bit arithmetic on (seed, purpose, entity): two rounds of
-- multiplication and xor, after which neighbouring numbers have nothing in common.

create or replace macro mix_1(x) as (x * 2146121005::ubigint) & 4294967295::ubigint;
create or replace macro mix_2(x) as (xor(x, x >> 15) * 2221713035::ubigint) & 4294967295::ubigint;
create or replace macro mix_3(x) as xor(x, x >> 16);
create or replace macro mix(x) as mix_3(mix_2(mix_1(x)));

-- The key of the n-th child (a person's n-th visit, a visit's n-th step) of an entity.
create or replace macro child_key(parent_key, n) as
    mix((parent_key + (n + 1)::ubigint * 2654435769::ubigint) & 4294967295::ubigint);

-- A number in [0, 1) for one purpose and one entity. The salt is a constant, so the md5 is taken once a statement.
create or replace macro draw(purpose, entity_key) as
    mix(xor(entity_key, md5_number_lower(getvariable('seed') || '/' || purpose) & 4294967295::ubigint))
    / 4294967296.0;

create or replace macro pick(share, options) as options[1 + floor(share * len(options))::integer];

-- A geometric-like count: mostly small, sometimes long; never above `most`.
create or replace macro tail_count(share, mean, most) as
    least(most, floor(-ln(1 - share) * mean))::integer;

-- Time. Days are counted from 2026-01-01, so the launch is day 90 and day 119 the last one. A longer history begins
-- before day 0, and no other day moves for it.
create or replace macro first_day() as getvariable('first_day');
-- How many times as long as the shortest demo it is.
create or replace macro history_factor() as (120 - first_day()) / 120;
create or replace macro moment(days) as
    getvariable('day_zero') + to_microseconds((days * 86400000.0)::bigint * 1000);
create or replace macro day_of(happened_at) as
    date_diff('day', getvariable('day_zero')::date, happened_at::date);

-- Whether a fact belongs to the chapter that is being written.
create or replace macro in_chapter(happened_at) as
    happened_at < getvariable('chapter_end')
    and (getvariable('chapter') = 1 or happened_at >= getvariable('launch'));
