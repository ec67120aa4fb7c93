-- How people respond. Each person has a chance to order at least once in the 28 days after the launch, which follows from
-- what the person did before it. The arm multiplies the chance, and one draw per person, the same in every arm, decides:
-- in these days no order exists otherwise. So the planted relative lift of the purchase rate is exact in expectation.

-- The largest chance is 1.7 * 0.285 = 0.48, with all effects 0.75: it never has to be cut off, which would bend the lifts.
create or replace table chances as
with recent as (
    select
        person_no,
        max(started_at) filter (where add_count > remove_count and not has_order and visit_day >= 83) as cart_left_at,
        max(started_at) filter (where has_order) as ordered_at,
        coalesce(bool_or(pricing_count > 0 and visit_day >= 83), false) as saw_prices,
        coalesce(sum(
            view_count + add_count + search_count + part_count + feature_count + advanced_count + has_form::integer
        ) filter (where visit_day >= 60), 0) >= 3 as is_frequent,
        max(visit_day) >= 60 as is_recent,
    from visits
    where is_before_launch and takes_place
    group by person_no
)

select
    people.person_no,
    people.propensity * (
        case when recent.is_recent then 0.012 else 0.006 end
        + case when cart_left_at is not null and cart_left_at > coalesce(ordered_at, moment(-1)) then 0.165 else 0 end
        + case when recent.saw_prices then 0.065 else 0 end
        + case when recent.is_frequent then 0.05 else 0 end
    )
    -- The mean of the propensity is 1; whoever cannot order has no chance.
    * case
        when people.start_day >= 117 or people.erasure_at < getvariable('launch') then 0
        when coalesce(person_responses.is_in_experiment and not person_responses.is_lead, false) then 0
        else 1
    end as chance,
    coalesce(person_responses.order_effect, 1) as order_effect,
    coalesce(person_responses.value_effect, 1) as value_effect,
    coalesce(person_responses.is_lead, false) as is_lead,
    person_responses.order_identity,
    greatest(90, ceil(people.start_day))::integer as earliest_day,
    people.registered_day,
    people.currency_code,
    people.k,
from people
left join recent on people.person_no = recent.person_no
left join person_responses on people.person_no = person_responses.person_no;

-- Planned orders: for those who order, and (without taking place) for every unit of an experiment, because the baskets that
-- it would have filled belong to the planted truth. Of those who order, 18 % order again, whatever the arm, and 18 % of these
-- a third time.
create or replace table order_slots as
with numbered as (
    select
        *,
        draw('april order', k) < chance * order_effect as orders,
        draw('second order', k) < 0.18 as would_order_again,
        draw('third order', k) < 0.18 as would_order_a_third_time,
        earliest_day
        + floor((118 - earliest_day) * power(draw('first order day', k), 1.3))::integer as first_day,
        unnest([1, 2, 3]) as order_no,
    from chances
    where chance > 0
),

dated as (
    select
        *,
        case order_no
            when 1 then first_day
            when 2 then first_day + floor((118 - first_day) * draw('second order day', k))::integer
            else first_day + floor((118 - first_day) * draw('third order day', k))::integer
        end as visit_day,
        orders
        and (order_no < 2 or would_order_again)
        and (order_no < 3 or would_order_a_third_time) as takes_place,
    from numbered
)

select
    person_no,
    1000 + order_no as slot,
    child_key(k, 1000 + order_no) as k,
    visit_day,
    true as is_planned_order,
    takes_place,
    coalesce(
        order_identity,
        case when registered_day < visit_day then 'user' else 'guest' end
    ) as order_identity,
    value_effect,
from dated
where takes_place or is_lead;

-- Companies decide once, too.
create or replace table company_chances as
select
    companies.company_no,
    companies.account_id,
    companies.k,
    companies.trial_start_day,
    case
        when companies.past_conversion_day is not null then 0
        when companies.stage in ('on_trial', 'starts_in_april') or ledger.unit_id is not null then companies.conversion_chance
        else 0
    end as chance,
    coalesce(planted_arms.conversion_effect, 1) as effect,
    ledger.experiment_key,
    ledger.arm_key,
    ledger.unit_id,
from companies
left join ledger
    on companies.account_id = ledger.unit_id
    and ledger.unit_type = 'account'
    and ledger.experiment_key = 'trial_upsell'
left join planted_arms
    on ledger.experiment_key = planted_arms.experiment_key
    and ledger.arm_key = planted_arms.arm_key;

create or replace table company_responses as
select
    company_no,
    greatest(90 + 27.9 * draw('april conversion day', k), trial_start_day + 1) as conversion_day,
from company_chances
where draw('april conversion', k) < chance * effect;

create or replace table treated_people as
with experiment_numbers as (
    select
        *,
        row_number() over (order by experiment_key, arm_key)::integer as experiment_no,
    from planted_arms
)

select
    unit_people.person_no,
    experiment_numbers.experiment_no,
    experiment_numbers.experiment_key,
    experiment_numbers.arm_key,
from ledger
inner join experiment_numbers
    on ledger.experiment_key = experiment_numbers.experiment_key
    and ledger.arm_key = experiment_numbers.arm_key
inner join unit_people
    on ledger.unit_id = unit_people.unit_id
    and unit_people.is_lead
where ledger.unit_type = 'customer'
union all
select
    people.person_no,
    experiment_numbers.experiment_no,
    experiment_numbers.experiment_key,
    experiment_numbers.arm_key,
from ledger
inner join experiment_numbers
    on ledger.experiment_key = experiment_numbers.experiment_key
    and ledger.arm_key = experiment_numbers.arm_key
inner join people
    on ledger.unit_id = people.company_account_id
    and people.registered_at < getvariable('launch')
where ledger.unit_type = 'account';
