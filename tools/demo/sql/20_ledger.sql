-- Chapter 2 begins with what the warehouse decided: which unit is in which experiment, and which of the demo's people
-- stands behind a unit. The warehouse knows people by identifiers only, and the demo recognises its own: a user_id, or
-- the last ten digits of an anonymous_id (8 for the person, 2 for the device).

create or replace table ledger as
select
    experiment_key,
    unit_type,
    unit_id,
    arm_key,
    is_control,
from warehouse.main.experiment_assignments;

create or replace table unit_people as
with ledger_customers as (
    select distinct unit_id
    from ledger
    where unit_type = 'customer'
),

identifiers as (
    select
        ledger_customers.unit_id,
        known.identifier_type,
        known.identifier_value,
    from ledger_customers
    inner join warehouse.main.customer_identifiers as known
        on ledger_customers.unit_id = known.customer_id
    where known.identifier_type in ('user_id', 'anonymous_id')
),

recognised as (
    select
        unit_id,
        identifier_type = 'user_id' as is_user,
        case
            when identifier_type = 'user_id' and regexp_full_match(identifier_value, 'u[0-9]{8}')
                then substr(identifier_value, 2)::bigint
            -- Shared tablets and kiosks (devices 99 and 100) stand for nobody.
            when identifier_type = 'anonymous_id' and regexp_full_match(identifier_value, '[0-9a-f]{12}-[0-9]{8}[0-9]{2}')
                then case when substr(identifier_value, -2) in ('01', '02', '03') then substr(identifier_value, 14, 8)::bigint end
        end as person_no,
    from identifiers
),

people_of_units as (
    select
        unit_id,
        person_no,
        bool_or(is_user) as is_user,
    from recognised
    where person_no < getvariable('customers')
    group by unit_id, person_no
),

-- Where the warehouse takes several people for one, one of them acts: else the unit would have several chances.
ranked as (
    select
        *,
        row_number() over (partition by unit_id order by is_user desc, person_no) as unit_rank,
    from people_of_units
)

select
    unit_id,
    person_no,
    is_user,
    unit_rank = 1 as is_lead,
from ranked;

create or replace table person_responses as
with arms as (
    select
        unit_people.person_no,
        unit_people.is_lead,
        unit_people.is_user,
        planted_arms.conversion_effect,
        planted_arms.value_effect,
    from unit_people
    inner join ledger
        on unit_people.unit_id = ledger.unit_id
        and ledger.unit_type = 'customer'
    left join planted_arms
        on ledger.experiment_key = planted_arms.experiment_key
        and ledger.arm_key = planted_arms.arm_key
)

-- The effects of several experiments multiply.
select
    person_no,
    true as is_in_experiment,
    bool_or(is_lead) as is_lead,
    case when bool_or(is_lead and is_user) then 'user' else 'guest' end as order_identity,
    coalesce(product(conversion_effect) filter (where is_lead), 1)::double as order_effect,
    coalesce(product(value_effect) filter (where is_lead), 1)::double as value_effect,
from arms
group by person_no;

create or replace table treated_counts as
select
    ledger.experiment_key,
    count(*) as treated_units,
from ledger
inner join planted_arms
    on ledger.experiment_key = planted_arms.experiment_key
    and ledger.arm_key = planted_arms.arm_key
group by ledger.experiment_key;

-- What each unit may be expected to do, filled piece by piece in 21_response.sql and summed up in 22_truth.sql.
create or replace table unit_expectations (
    experiment_key varchar,
    unit_id varchar,
    metric_key varchar,
    expected_as_assigned double,
    expected_if_control double,
    expected_if_treated double
);
