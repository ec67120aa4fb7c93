-- What the units of the batch did, once the ledger has given them their arms: a row per experiment, metric and unit, as
-- experiment_unit_outcomes has it.

create or replace table {int_experiment_unit_customers} as
select experiment_key, unit_id, unit_id as customer_id from {int_experiment_units};

-- No check fails: what an experiment says is counted whatever its arms look like.
create or replace table {experiment_health} as
select cast(null as varchar) as experiment_key, cast(null as varchar) as check_name, cast(null as varchar) as status,
    cast(null as varchar) as detail
limit 0;

-- In a segment the treated order once more with a probability of their segment's own: that is its effect.
create or replace table segment_effects as
select
    experiment_key,
    segment_id,
    greatest(
        getvariable('effect') + getvariable('spread')
        * sqrt(-2 * ln(1 - chance(getvariable('salt') || '/size/' || experiment_key || segment_id)))
        * cos(2 * pi() * chance(getvariable('salt') || '/angle/' || experiment_key || segment_id)),
        0
    ) as effect
from sample
where segment_id is not null
group by experiment_key, segment_id;

create or replace table {experiment_unit_outcomes} as
select
    looks.look_key as experiment_key,
    population.metric_key,
    units.unit_type,
    units.unit_id,
    units.arm_key,
    units.is_control,
    units.segment_id,
    units.stratum,
    units.lifecycle_stage,
    units.loyalty_tier,
    units.country_code,
    units.preferred_device,
    units.assigned_at,
    units.outcome_ends_at,
    case
        when segment_effects.effect is not null
            then population.y0 + if(
                not units.is_control
                and chance(getvariable('salt') || '/buys/' || units.experiment_key || units.unit_id) < segment_effects.effect,
                1, 0
            )
        when getvariable('is_planted') and not units.is_control then population.y1
        else population.y0
    end as outcome_value,
    if(getvariable('is_planted') and not units.is_control, population.d1, population.d0) as denominator_value,
    population.x as covariate_value,
    population.z as covariate_denominator_value,
    not units.is_control and population.is_reached as is_exposed,
    true as is_mature,
    units.is_merged_across_arms
from {int_experiment_units} as units
inner join sample on units.experiment_key = sample.experiment_key and units.unit_id = sample.unit_id
inner join looks on sample.experiment_key = looks.experiment_key and sample.slot < looks.unit_count
inner join population
    on population.population = getvariable('population') and sample.unit_no = population.unit_no
left join segment_effects
    on sample.experiment_key = segment_effects.experiment_key and sample.segment_id = segment_effects.segment_id
where list_contains(getvariable('metrics'), population.metric_key);
