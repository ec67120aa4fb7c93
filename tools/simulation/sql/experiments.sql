-- A batch of experiments of one study: who is in them, and their rows in the seeds. Read by the models that deal the arms.

-- Units that are drawn are drawn with replacement, anew for each experiment; the others are the first ones of the
-- population, the same in every experiment.
create or replace table sample as
select
    'r' || lpad(cast(replay.replay as varchar), 5, '0') as experiment_key,
    'u' || lpad(cast(slot.slot as varchar), 6, '0') as unit_id,
    slot.slot,
    case
        when getvariable('is_drawn')
            then cast(floor(chance(
                getvariable('salt') || '/draw/' || replay.replay || '/' || slot.slot
            ) * getvariable('size')) as bigint)
        else slot.slot
    end as unit_no,
    -- Segments of several sizes, the largest four times the smallest where there are twelve.
    if(
        getvariable('segments') > 0,
        'segment ' || lpad(cast(cast(floor(
            getvariable('segments') * pow(slot.slot / getvariable('units'), 0.7)
        ) as integer) as varchar), 2, '0'),
        null
    )
        as segment_id
from range(getvariable('first'), getvariable('last')) as replay (replay)
cross join range(getvariable('units')) as slot (slot);

-- What an experiment is called when it is measured: itself, or itself on one of its days.
create or replace table looks as
select
    experiment_key,
    if(getvariable('looks') = 1, experiment_key, experiment_key || '/' || lpad(cast(look as varchar), 2, '0')) as look_key,
    getvariable('units') * look / getvariable('looks') as unit_count
from (select distinct experiment_key from sample)
cross join range(1, getvariable('looks') + 1) as look (look);

create or replace table {experiments} as
select
    experiment_key,
    cast(null as varchar) as hypothesis,
    cast(null as varchar) as segment_id,
    'customer' as unit_type,
    'hashed' as assignment_source,
    cast(null as varchar) as enrolment,
    experiment_key as layer_key,
    0e0 as layer_from,
    1e0 as layer_to,
    cast(null as integer) as priority,
    timestamp '2026-04-01' as starts_at,
    timestamp '2026-06-01' as ends_at,
    28 as outcome_window_days,
    28 as covariate_window_days,
    cast(null as varchar) as primary_metric_key,
    0.1e0 as planned_relative_lift,
    0.05e0 as alpha,
    0.8e0 as power,
    if(getvariable('is_stratified'), 'loyalty_tier', null) as stratify_by,
    cast(null as varchar) as hash_algorithm,
    cast(null as varchar) as hash_attribute,
    getvariable('salt') || '/' || experiment_key as salt
from (select experiment_key from sample union select look_key from looks);

create or replace table {experiment_arms} as
select
    experiments.experiment_key,
    arms.arm_key,
    arms.arm_key = 'control' as is_control,
    arms.weight,
    cast(null as varchar) as creative_key
from {experiments} as experiments
cross join (select unnest(getvariable('arms')) as arm_key, unnest(getvariable('weights')) as weight) as arms;

create or replace table {experiment_metrics} as
select looks.look_key as experiment_key, metrics.metric_key
from looks
cross join (select unnest(getvariable('metrics')) as metric_key) as metrics;

-- The effect of the exposure is asked where a campaign names the experiment.
create or replace table {stg_ads__campaigns} as select look_key as experiment_key from looks;

create or replace table {int_experiment_candidates} as
select
    sample.experiment_key,
    'customer' as unit_type,
    sample.unit_id,
    sample.segment_id,
    if(getvariable('is_stratified'), people.stratum, null) as stratum,
    cast(null as varchar) as lifecycle_stage,
    cast(null as varchar) as loyalty_tier,
    cast(null as varchar) as country_code,
    cast(null as varchar) as preferred_device,
    sample.unit_id as hash_value
from sample
inner join people on people.population = getvariable('population') and sample.unit_no = people.unit_no;
