-- What the office knows: contacts, accounts and households, consents, erasure requests, bought-in attributes.

create or replace macro contact_id_of(person_no) as 'ct' || lpad(person_no::varchar, 8, '0');
create or replace macro household_id_of(block_no) as 'hh' || lpad(block_no::varchar, 6, '0');

create or replace view contact_rows as
with known as (
    select
        *,
        k as contact_key,
        contact_id_of(person_no) as contact_id,
        case when draw('contact without user', k) >= 0.03 then user_id end as contact_user_id,
        registered_at as created_at,
    from people
    -- Some users never made it into the CRM.
    where kind = 'business' or (kind = 'shopper' and draw('in CRM', k) < 0.96)
),

-- The same person entered twice, by hand, some weeks later.
entered_twice as (
    select
        * replace (
            child_key(contact_key, 1) as contact_key,
            contact_id || '-2' as contact_id,
            null as contact_user_id,
            registered_at + to_days(20) as created_at
        ),
    from known
    where draw('entered twice', k) < 0.01
),

-- Addresses from a trade fair: nobody has seen these people on the site under their name.
leads as (
    select
        *,
        k as contact_key,
        contact_id_of(person_no) as contact_id,
        null as contact_user_id,
        moment(first_day() - 200 + (320 - first_day()) * draw('lead created', k)) as created_at,
    from people
    where seat = 19 and draw('lead', k) < 0.5
),

everyone as (
    select * from known
    union all
    select * from entered_twice
    union all
    select * from leads
)

select
    contact_id,
    contact_user_id as user_id,
    case
        when kind = 'shopper' and draw('contact e-mail', k) < 0.03 then null
        else typed_email(email, contact_key)
    end as email,
    case
        when draw('contact phone', k) < 0.42 then null
        when draw('phone style', contact_key) < 0.70 then dial_code || phone_digits
        when draw('phone style', contact_key) < 0.85
            then dial_code || ' ' || left(phone_digits, 3) || ' ' || substr(phone_digits, 4, 3) || '-' || substr(phone_digits, 7)
        else '0' || phone_digits
    end as phone,
    case when draw('contact name', k) >= 0.08 then first_name end as first_name,
    case when draw('contact name', k) >= 0.08 then last_name end as last_name,
    case
        when draw('contact postal code', k) >= 0.25
            then lpad(floor(100000 * draw('postal code', k))::integer::varchar, 5, '0')
    end as postal_code,
    case
        when draw('contact country', k) < 0.05 then null
        when draw('contact country', k) < 0.08 then lower(country_code)
        else country_code
    end as country_code,
    case
        when kind = 'business' then company_account_id
        when is_in_household then household_id_of(block_no)
    end as account_id,
    case
        when kind = 'visitor' then 'lead'
        when draw('lifecycle known', k) < 0.1 then null
        when kind = 'business' and company_stage = 'customer' then 'customer'
        when kind = 'business' then 'opportunity'
        when life_share < 0.15 then 'customer'
        else pick(draw('lifecycle', k), ['subscriber', 'lead', 'customer', 'customer'])
    end as lifecycle_stage,
    case when is_staff then true when draw('internal known', k) < 0.7 then false end as is_internal,
    created_at,
    case
        when draw('contact updated', k) < 0.5
            then least(created_at + to_days(floor(60 * draw('contact update day', k))::integer), getvariable('chapter_end') - to_days(1))
    end as updated_at,
from everyone
where in_chapter(created_at);

-- Accounts are written whole in both chapters: conversions after a moment carry a date after it.
create or replace view account_rows as
select
    companies.account_id,
    case
        when draw('account named', companies.k) >= 0.03
            then pick(draw('account name', companies.k), ['Aspen', 'Basalt', 'Cedar', 'Delta', 'Everest', 'Flint', 'Glacier', 'Heron'])
                || ' ' || pick(draw('account trade', companies.k), ['Logistics', 'Studio', 'Foods', 'Labs', 'Partners', 'Works'])
                || ' ' || companies.company_no
    end as account_name,
    case
        when companies.stage = 'prospect' then null
        else pick(draw('plan', companies.k), ['starter', 'starter', 'team', 'team', 'business'])
    end as plan,
    moment(companies.trial_start_day) as trial_started_at,
    moment(companies.trial_start_day + companies.trial_length) as trial_ends_at,
    moment(coalesce(
        companies.past_conversion_day,
        case when getvariable('chapter') = 2 then company_responses.conversion_day end
    )) as converted_at,
    moment(companies.created_day) as created_at,
from companies
left join company_responses on companies.company_no = company_responses.company_no
where moment(companies.created_day) < getvariable('chapter_end')
union all
select
    household_id_of(block_no),
    null,
    null,
    null,
    null,
    null,
    min(registered_at),
from people
where is_in_household
group by block_no
having min(registered_at) < getvariable('chapter_end');

create or replace view consent_rows as
with asked as (
    select
        people.*,
        purposes.purpose,
        child_key(people.k, 200 + purposes.purpose_no) as consent_key,
        purposes.purpose_no,
        purposes.granted_share,
    from people
    cross join (values
        (1, 'analytics', 0.78),
        (2, 'email_marketing', 0.62),
        (3, 'ad_personalisation', 0.47)
    ) as purposes (purpose_no, purpose, granted_share)
    where people.kind <> 'visitor' or (purposes.purpose = 'analytics' and people.person_no % 3 = 0)
),

decided as (
    select
        *,
        draw('identified by', consent_key) as identified_share,
        case when kind = 'visitor' then moment(start_day + 0.4) else registered_at + to_seconds(40) end as asked_at,
        draw('consents', consent_key) < granted_share as is_granted,
        draw('withdraws', consent_key) < 0.13 as is_withdrawn,
    from asked
),

decisions as (
    select
        *,
        'cs' || person_no || '-' || purpose_no as consent_id,
        case when is_granted then 'granted' else 'withdrawn' end as status,
        asked_at as recorded_at,
    from decided
    where draw('asked', consent_key) < 0.9
    union all
    -- Withdrawn later, from wherever the person happened to be: often under another identifier.
    select
        * replace (draw('withdrawn by', consent_key) as identified_share),
        'cs' || person_no || '-' || purpose_no || '-w',
        'withdrawn',
        greatest(asked_at, moment(first_day()))
        + to_minutes(floor(120 * 1440 * history_factor() * draw('withdrawal', consent_key))::integer),
    from decided
    where is_granted and is_withdrawn
)

select
    consent_id,
    case
        when kind = 'visitor' then 'anonymous_id'
        when identified_share < 0.5 then 'email'
        when identified_share < 0.8 then 'user_id'
        else 'contact_id'
    end as identifier_type,
    case
        when kind = 'visitor' then anonymous_id_of(person_no, 1)
        when identified_share < 0.5 then typed_email(email, consent_key)
        when identified_share < 0.8 then user_id
        else contact_id_of(person_no)
    end as identifier_value,
    purpose,
    status,
    recorded_at,
    case when draw('consent source', consent_key) < 0.8
        then pick(draw('consent channel', consent_key), ['banner', 'registration', 'preference_centre', 'call']) end as source,
from decisions
where in_chapter(recorded_at);

create or replace view erasure_rows as
select
    'er' || people.person_no as request_id,
    case when draw('erased by', people.k) < 0.6 then 'email' else 'user_id' end as identifier_type,
    case when draw('erased by', people.k) < 0.6 then people.email else people.user_id end as identifier_value,
    people.erasure_at as requested_at,
from people
-- Whoever is in an experiment stays until its end, so that the planted truth remains the truth.
left join person_responses on people.person_no = person_responses.person_no and people.erasure_at >= getvariable('launch')
where
    people.erasure_at is not null
    and in_chapter(people.erasure_at)
    and not coalesce(person_responses.is_in_experiment, false);

create or replace view attribute_rows as
with offered as (
    select
        people.*,
        attributes.*,
        child_key(people.k, 300 + attributes.attribute_no) as attribute_key,
    from people
    cross join (values
        (1, 'northdata', 'third', 'household_income_band', ['under_30k', '30k_60k', '60k_100k', 'over_100k'], 0.22, 'consent', 180),
        (2, 'northdata', 'third', 'home_owner', ['yes', 'no'], 0.18, 'consent', 365),
        (3, 'clubcard', 'second', 'favourite_store', ['centre', 'airport', 'mall', 'outlet'], 0.15, 'contract', null),
        (4, 'firmgraph', 'third', 'company_size_band', ['1-9', '10-49', '50-249', '250+'], 0.60, 'legitimate_interest', 90)
    ) as attributes (attribute_no, provider, party, attribute_name, options, cover, legal_basis, valid_days)
    where people.kind <> 'visitor' and (attributes.attribute_no = 4) = (people.kind = 'business')
),

-- Providers look people up within 60 days of the registration; those who were there before, at any time.
observed as (
    select
        *,
        greatest(registered_at, moment(first_day()) - to_days(60))
        + to_days(floor(
            case
                when registered_at < moment(first_day()) - to_days(60) then 60 - first_day()
                else 60
            end * draw('attribute day', attribute_key)
        )::integer) as observed_at,
    from offered
)

select
    provider,
    party,
    case
        when attribute_no = 3 then 'user_id'
        when attribute_no = 2 and draw('contact phone', k) >= 0.42 then 'phone'
        else 'email'
    end as identifier_type,
    case
        when attribute_no = 3 then user_id
        when attribute_no = 2 and draw('contact phone', k) >= 0.42
            then dial_code || phone_digits
        else typed_email(email, attribute_key)
    end as identifier_value,
    attribute_name,
    pick(draw('attribute value', attribute_key), options) as attribute_value,
    observed_at,
    observed_at + to_days(valid_days) as expires_at,
    legal_basis,
from observed
where draw('attribute known', attribute_key) < cover and in_chapter(observed_at);

-- What the shop's former testing tool assigned in February, by user: an experiment that this project did not run.
create or replace view external_assignment_rows as
select
    'checkout_button_2026_02' as experiment_key,
    'customer' as unit_type,
    'user_id' as identifier_type,
    user_id as identifier_value,
    case when draw('former test', k) < 0.5 then 'control' else 'green_button' end as arm_key,
    moment(32 + 10 * draw('former test day', k)) as assigned_at,
from people
where
    kind = 'shopper'
    and registered_at < moment(31)
    and end_day > 42
    and draw('in former test', k) < 0.2
    and getvariable('chapter') = 1;
