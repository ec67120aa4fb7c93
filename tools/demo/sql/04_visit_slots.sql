-- When people come. One row per visit, spread over the days in which the person is active, fewer at weekends.

create or replace table organic_slots as
with candidates as (
    select
        person_no,
        k as person_key,
        kind,
        start_day,
        end_day,
        unnest(range(visit_count)) as slot,
    from people
),

keyed as (
    select
        *,
        child_key(person_key, slot) as k,
        start_day + (end_day - start_day) * draw('visit day', child_key(person_key, slot)) as planned_moment,
    from candidates
),

-- Spring sale: from 23 March to 2 April (days 81 to 91) people come who would have come at another time. It is
-- as busy at the end of a longer history.
moved as (
    select
        *,
        case
            when draw('spring sale', k) < 0.07 / history_factor() and start_day < 81 and end_day > 92
                then 81 + 11 * draw('sale day', k)
            else planned_moment
        end as visit_moment,
    from keyed
),

dated as (
    select
        *,
        least(119, floor(visit_moment))::integer as visit_day,
        -- 2026-01-01 was a Thursday: days 2 and 3 of each week are Saturday and Sunday.
        (least(119, floor(visit_moment))::integer % 7 + 7) % 7 in (2, 3) as is_weekend,
    from moved
)

select
    person_no,
    slot,
    k,
    visit_day,
    false as is_planned_order,
    true as takes_place,
    cast(null as varchar) as order_identity,
    1.0::double as value_effect,
from dated
where
    -- A person's very first slot is kept, so that nobody who should come stays away by chance.
    slot = 0
    or draw('weekday', k) < case
        when not is_weekend then 1
        when kind = 'business' then 0.25
        else 0.8
    end;

-- Chapter 2 puts the orders of April here (see 21_response.sql); until then there are none.
create or replace table order_slots as
select * from organic_slots where false;
