-- One row per experiment, treatment arm and metric: what was planted, and what could be expected of the units as they were
-- assigned. No model of the project reads it. What another system tried in February has no expectation: the chances that
-- follow from what people did before the launch say nothing about it.

create or replace table planted_effects as
with metrics (unit_type, metric_key) as (
    values
        ('customer', 'purchase_rate'),
        ('customer', 'order_count'),
        ('customer', 'revenue'),
        ('account', 'trial_conversion'),
        ('account', 'advanced_feature_uses')
),

planted as (
    select
        planted_arms.experiment_key,
        planted_arms.arm_key,
        metrics.metric_key,
        -- Orders of a treated unit are all larger by the value effect, so the lifts of revenue multiply exactly.
        case metrics.metric_key
            when 'revenue' then planted_arms.conversion_effect * planted_arms.value_effect - 1
            when 'advanced_feature_uses' then 0
            else planted_arms.conversion_effect - 1
        end as planted_relative_lift,
        metrics.metric_key <> 'advanced_feature_uses' as has_expectation,
    from planted_arms
    inner join metrics on planted_arms.unit_type = metrics.unit_type
    union all
    select
        external_arms.experiment_key,
        external_arms.arm_key,
        metrics.metric_key,
        0,
        false,
    from external_arms
    inner join metrics on external_arms.unit_type = metrics.unit_type
),

-- Decimals, because a sum of them does not depend on the order in which threads deliver it.
-- A unit that is none of the demo's people (a shared tablet, a crawler) does nothing in April: it expects zero.
units as (
    select
        planted.experiment_key,
        planted.arm_key,
        planted.metric_key,
        planted.planted_relative_lift,
        ledger.is_control,
        case when planted.has_expectation then coalesce(unit_expectations.expected_as_assigned, 0) end::decimal(28, 10)
            as expected_as_assigned,
        case when planted.has_expectation then coalesce(unit_expectations.expected_if_control, 0) end::decimal(28, 10)
            as expected_if_control,
        case when planted.has_expectation then coalesce(unit_expectations.expected_if_treated, 0) end::decimal(28, 10)
            as expected_if_treated,
    from planted
    left join ledger
        on planted.experiment_key = ledger.experiment_key
        and (ledger.is_control or ledger.arm_key = planted.arm_key)
    left join unit_expectations
        on ledger.experiment_key = unit_expectations.experiment_key
        and ledger.unit_id = unit_expectations.unit_id
        and planted.metric_key = unit_expectations.metric_key
)

select
    experiment_key,
    arm_key,
    metric_key,
    round(any_value(planted_relative_lift), 10)::double as planted_relative_lift,
    avg(expected_as_assigned) filter (where is_control) as expected_control_mean,
    avg(expected_as_assigned) filter (where not is_control) as expected_treatment_mean,
    count(is_control) filter (where is_control) as control_units,
    count(is_control) filter (where not is_control) as treatment_units,
    count(is_control) as units,
    -- The same units in either arm: their ratio is the planted lift, free of the luck of the assignment.
    avg(expected_if_control) as all_units_control_mean,
    avg(expected_if_treated) as all_units_treatment_mean,
from units
group by experiment_key, arm_key, metric_key
order by experiment_key, arm_key, metric_key;
