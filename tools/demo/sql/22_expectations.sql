-- The true expectation of each unit of these people, in the arm that it has and in either arm. Run after the visits of
-- April are laid out, because the baskets are part of them.

insert into unit_expectations
-- Amounts in the reporting currency, at the rate of seeds/exchange_rates.csv.
with baskets as (
    select
        visits.person_no,
        visits.slot - 1000 as order_no,
        sum(visit_items.line_amount)::double
        * case any_value(people.currency_code) when 'EUR' then 1.1 else 1 end as basket_amount,
    from visits
    inner join people on visits.person_no = people.person_no
    inner join visit_items
        on visits.visit_id = visit_items.visit_id
        and visit_items.item_no < visits.add_count
    where visits.is_planned_order
    group by visits.person_no, visits.slot
),

-- First order, plus the second and third with the chance that they follow.
basket_sums as (
    select
        person_no,
        sum((basket_amount * power(0.18, order_no - 1))::decimal(28, 8))::double as amount_if_ordering,
    from baskets
    group by person_no
),

-- The effects of the unit's other experiments stay as they are; only its own arm is changed.
unit_chances as (
    select
        ledger.experiment_key,
        ledger.unit_id,
        planted.conversion_effect as planted_conversion,
        planted.value_effect as planted_value,
        chances.chance * chances.order_effect / coalesce(own.conversion_effect, 1) as chance_if_control,
        chances.value_effect / coalesce(own.value_effect, 1) as value_if_control,
        coalesce(own.conversion_effect, 1) as own_conversion,
        coalesce(own.value_effect, 1) as own_value,
        coalesce(basket_sums.amount_if_ordering, 0) as amount_if_ordering,
    from ledger
    inner join unit_people
        on ledger.unit_id = unit_people.unit_id
        and unit_people.is_lead
    inner join chances on unit_people.person_no = chances.person_no
    inner join planted_arms as planted on ledger.experiment_key = planted.experiment_key
    left join planted_arms as own
        on ledger.experiment_key = own.experiment_key
        and ledger.arm_key = own.arm_key
    left join basket_sums on chances.person_no = basket_sums.person_no
    where ledger.unit_type = 'customer'
)

select
    experiment_key,
    unit_id,
    'purchase_rate' as metric_key,
    chance_if_control * own_conversion as expected_as_assigned,
    chance_if_control as expected_if_control,
    chance_if_control * planted_conversion as expected_if_treated,
from unit_chances
union all
select
    experiment_key,
    unit_id,
    'order_count',
    chance_if_control * own_conversion * (1 + 0.18 + 0.18 * 0.18),
    chance_if_control * (1 + 0.18 + 0.18 * 0.18),
    chance_if_control * planted_conversion * (1 + 0.18 + 0.18 * 0.18),
from unit_chances
union all
select
    experiment_key,
    unit_id,
    'revenue',
    chance_if_control * own_conversion * amount_if_ordering * value_if_control * own_value,
    chance_if_control * amount_if_ordering * value_if_control,
    chance_if_control * planted_conversion * amount_if_ordering * value_if_control * planted_value,
from unit_chances
union all
select
    company_chances.experiment_key,
    company_chances.unit_id,
    'trial_conversion',
    company_chances.chance * company_chances.effect,
    company_chances.chance,
    company_chances.chance * planted_arms.conversion_effect,
from company_chances
inner join planted_arms on company_chances.experiment_key = planted_arms.experiment_key;
