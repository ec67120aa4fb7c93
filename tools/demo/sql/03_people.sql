-- Who there is. People are numbered; every block of 20 holds 3 business users, 9 registered shoppers and 8 visitors who
-- never give a name, and every 4 blocks may form one large company. So any range of whole 80s stands on its own, and the
-- demo can be made in pieces that fit in memory.

create or replace macro user_id_of(person_no) as 'u' || lpad(person_no::varchar, 8, '0');

-- The last ten digits name the person and the device, which lets chapter 2 find the person behind an identifier.
create or replace macro anonymous_id_of(person_no, device_no) as
    substr(md5(getvariable('seed') || '/device/' || person_no || '/' || device_no), 1, 12) || '-'
    || lpad(person_no::varchar, 8, '0') || lpad(device_no::varchar, 2, '0');

-- People type their address as they please.
create or replace macro typed_email(email, k) as
    case
        when draw('typed e-mail', k) < 0.06 then upper(left(email, 1)) || substr(email, 2)
        when draw('typed e-mail', k) < 0.09 then ' ' || email || ' '
        when draw('typed e-mail', k) < 0.11 then upper(email)
        else email
    end;

create or replace table seats as
with numbered as (
    select
        i as person_no,
        i % 20 as seat,
        i // 20 as block_no,
        child_key(2::ubigint, i) as k,
        child_key(3::ubigint, i // 20) as block_key,
        child_key(4::ubigint, i // 80) as group_key,
    from range(getvariable('first_person'), getvariable('last_person')) as numbers (i)
),

placed as (
    select
        *,
        case when seat < 3 then 'business' when seat < 12 then 'shopper' else 'visitor' end as kind,
        case
            when seat >= 3 then null
            when draw('large company', group_key) < 0.05 then (block_no // 4) * 12
            when draw('company size', block_key) < 0.75 then block_no * 3
            when draw('company size', block_key) < 0.93 then block_no * 3 + seat // 2
            else block_no * 3 + seat
        end as company_no,
        seat between 3 and 5 and draw('household', block_key) < 0.12 as is_in_household,
        seat between 3 and 5
        and draw('household', block_key) < 0.12
        and draw('household tablet', block_key) < 0.6 as has_shared_tablet,
    from numbered
)

select * from placed;

-- One row per business account. The stage decides when its trial runs: long a customer, tried in winter, on trial at the
-- launch, starting in April, never. In a longer history as many start a trial each month, so
-- more of them have tried before.
create or replace table companies as
with numbered as (
    select
        company_no,
        child_key(5::ubigint, company_no) as k,
        min(person_no) as lead_person_no,
        count(*) as user_count,
    from seats
    where company_no is not null
    group by company_no
),

staged as (
    select
        *,
        case
            when draw('company stage', k) < 0.14 then 'customer'
            when draw('company stage', k) < 0.88 - 0.5 * 90 / (90 - first_day()) then 'tried'
            when draw('company stage', k) < 0.88 then 'on_trial'
            when draw('company stage', k) < 0.94 then 'starts_in_april'
            else 'prospect'
        end as stage,
        draw('trial start', k) as start_share,
        0.15 + 0.2 * draw('trial conversion chance', k) as conversion_chance,
        draw('trial conversion', k) as conversion_draw,
    from numbered
),

dated as (
    select
        *,
        case stage
            when 'customer' then first_day() - 330 + 250 * start_share
            when 'tried' then first_day() - 20 + (76 - first_day()) * start_share
            when 'on_trial' then 62 + 26 * start_share
            when 'starts_in_april' then 91 + 20 * start_share
        end as trial_start_day,
        case when stage in ('tried', 'customer') and draw('trial length', k) < 0.4 then 14 else 30 end as trial_length,
    from staged
)

select
    *,
    'acc' || lpad(company_no::varchar, 6, '0') as account_id,
    coalesce(trial_start_day, first_day() + (60 - first_day()) * start_share - 20)
    - 0.2 - 9 * draw('company age', k) as created_day,
    -- Users of about five trials in six find the advanced features.
    draw('power users', k) < 0.85 as uses_advanced_features,
    case
        when stage = 'customer' then trial_start_day + trial_length * (0.3 + 0.7 * draw('conversion day', k))
        when stage = 'tried' and conversion_draw < conversion_chance
            then trial_start_day + trial_length * (0.3 + 0.69 * draw('conversion day', k))
    end as past_conversion_day,
from dated;

-- One row per person: who they are, when they are active, what they like, how likely they are to buy.
create or replace table people as
with traits as (
    select
        seats.person_no,
        seats.seat,
        seats.block_no,
        seats.k,
        seats.kind,
        seats.company_no,
        seats.is_in_household,
        seats.has_shared_tablet,
        companies.account_id as company_account_id,
        companies.lead_person_no = seats.person_no as is_company_lead,
        companies.stage as company_stage,
        companies.created_day as company_created_day,
        companies.trial_start_day,
        companies.trial_length,
        companies.past_conversion_day,
        companies.uses_advanced_features,
        draw('life', seats.k) as life_share,
        draw('start', seats.k) as start_share,
        draw('stay', seats.k) as stay_share,
        draw('registration', seats.k) as registration_share,
        draw('activity', seats.k) as activity_share,
        draw('country', seats.k) as country_share,
        draw('first name', seats.k) as first_name_share,
        draw('last name', seats.k) as last_name_share,
        draw('devices', seats.k) as device_share,
        category_of(draw('first taste', seats.k)) as first_category_no,
        category_of(draw('second taste', seats.k)) as second_category_no,
        -- How readily the person buys; its mean is 1.
        0.3 + 1.4 * draw('propensity', seats.k) as propensity,
        seats.kind = 'shopper' and (draw('staff', seats.k) < 0.005 or seats.person_no = 6) as is_staff,
        seats.kind = 'shopper' and draw('no cookies', seats.k) < 0.04 as refuses_cookies,
        seats.kind <> 'visitor'
        and (draw('erasure', seats.k) < 0.001 or seats.person_no in (7, 8)) as asks_for_erasure,
    from seats
    left join companies on seats.company_no = companies.company_no
),

-- New faces come at the same pace all the time.
arrived as (
    select
        *,
        case
            when kind = 'visitor' then first_day() - 15 + (134 - first_day()) * start_share
            else first_day() + (119 - first_day()) * start_share
        end as arrival_day,
    from traits
),

-- Active from start_day to end_day. Some registered shoppers left before the launch (they lapse), some never came.
active as (
    select
        *,
        case
            when kind = 'business'
                then greatest(
                    first_day(),
                    company_created_day - case when life_share < 0.3 then 5 else 0 end
                )
            when kind = 'shopper' and life_share < 0.65 then first_day()
            when kind = 'shopper' then arrival_day
            else greatest(first_day(), arrival_day)
        end as start_day,
        case
            when kind = 'business' and company_stage = 'tried' and past_conversion_day is null
                then trial_start_day + trial_length + 10 * stay_share
            when kind = 'business' then 120
            when kind = 'shopper' and life_share < 0.15
                then first_day() + 5 + (55 - first_day()) * stay_share
            when kind = 'shopper' and life_share < 0.92 then 120
            when kind = 'shopper' then arrival_day + 3 + 25 * stay_share
            else greatest(first_day(), arrival_day)
                + 0.5 + 80 * history_factor() * power(stay_share, 2)
        end as planned_end_day,
        case
            when kind = 'business' and is_company_lead then company_created_day + 0.05
            when kind = 'business' then company_created_day + 0.1 + 4 * registration_share
            when kind = 'shopper' and life_share < 0.65 then first_day() - 700 + 699 * registration_share
            -- New shoppers look around for up to 25 days before they register, or register at once.
            when kind = 'shopper' and stay_share < 0.45 then arrival_day + 25 * registration_share
            when kind = 'shopper' then arrival_day
        end as registered_day,
    from arrived
),

bounded as (
    select
        *,
        case
            when asks_for_erasure
                then greatest(registered_day, first_day())
                    + (119 - greatest(registered_day, first_day())) * draw('erasure day', k)
        end as erasure_day,
        case
            when kind = 'visitor' then 1 + least(25, floor(power(1 - activity_share, -0.55) - 1))
            when kind = 'shopper' and life_share between 0.15 and 0.22 then 0
            when kind = 'shopper' then least(260, 4.7 * power(1 - activity_share, -0.58))
            else least(220, 23 * power(1 - activity_share, -0.4))
        end as visits_in_120_days,
    from active
),

counted as (
    select
        *,
        least(planned_end_day, 120, coalesce(erasure_day, 120)) as end_day,
    from bounded
)

select
    *,
    case
        -- Visitors are seen at the same pace in a longer history, so they come back more often.
        when kind = 'visitor' then floor(visits_in_120_days * history_factor() + draw('visit count', k))
        when visits_in_120_days = 0 or end_day <= start_day then 0
        -- Slots from 1000 on are those of April's orders.
        else least(990, floor(
            visits_in_120_days * (end_day - start_day) / 120
            + case when start_day > first_day() then 1 else 0 end
            + draw('visit count', k)
        ))
    end::integer as visit_count,
    case
        when kind = 'visitor' then 1
        when device_share < 0.6 then 1
        when device_share < 0.93 then 2
        else 3
    end as device_count,
    user_id_of(person_no) as user_id,
    case
        when country_share < 0.50 then 'US'
        when country_share < 0.56 then 'CA'
        when country_share < 0.73 then 'DE'
        when country_share < 0.83 then 'FR'
        when country_share < 0.89 then 'ES'
        when country_share < 0.94 then 'IT'
        else 'NL'
    end as country_code,
    case
        when country_share < 0.56 then '+1'
        when country_share < 0.73 then '+49'
        when country_share < 0.83 then '+33'
        when country_share < 0.89 then '+34'
        when country_share < 0.94 then '+39'
        else '+31'
    end as dial_code,
    case when country_share < 0.56 then 'USD' else 'EUR' end as currency_code,
    case when country_share < 0.56 then 6 else 23 end as hours_to_utc,
    pick(first_name_share, [
        'Ada', 'Ben', 'Carla', 'David', 'Elena', 'Felix', 'Greta', 'Hugo', 'Iris', 'Jonas', 'Karin', 'Leo', 'Mara',
        'Nils', 'Olga', 'Paul', 'Rita', 'Sam', 'Tara', 'Victor', 'Wanda', 'Xenia', 'Yann', 'Zoe', 'Álvaro', 'Chloé',
        'Jürgen', 'Noémie', 'Søren', 'Lucía'
    ]) as first_name,
    pick(last_name_share, [
        'Abbott', 'Berger', 'Costa', 'Dubois', 'Evans', 'Fischer', 'Garcia', 'Hughes', 'Ivanov', 'Jensen', 'Keller',
        'Lopez', 'Martin', 'Novak', 'Olsen', 'Petit', 'Quinn', 'Rossi', 'Schmidt', 'Taylor', 'Urban', 'Visser', 'Weber',
        'Young', 'Zeller', 'Müller', 'Núñez', 'Lefèvre', 'O''Brien', 'van Dijk'
    ]) as last_name,
    case
        when is_staff then 'staff' || person_no || '@tessera-shop.example'
        -- A shared mailbox: several colleagues behind one address.
        when kind = 'business' and draw('shared mailbox', child_key(5::ubigint, company_no)) < 0.06
            then 'info@' || company_account_id || '.example'
        when kind = 'business' then 'user' || person_no || '@' || company_account_id || '.example'
        else pick(draw('mail prefix', k), ['hello', 'me', 'post', 'mail', 'shop', 'home']) || '.' || person_no
            || '@' || pick(draw('mail domain', k), ['mail.example', 'post.example', 'inbox.example'])
    end as email,
    '555' || lpad(person_no::varchar, 7, '0') as phone_digits,
    moment(registered_day) as registered_at,
    moment(erasure_day) as erasure_at,
from counted;
