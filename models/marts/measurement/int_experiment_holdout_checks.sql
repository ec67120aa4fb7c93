{{ config(access='private', schema='intermediate') }}

with

units as (select * from {{ ref('int_experiment_units') }}),

experiments as (
    select * from {{ ref('mart_experiments') }}
    where status <> 'planned'
),

experiment_segments as (select * from {{ ref('int_experiment_segments') }}),

segments as (select * from {{ ref('segments') }}),

holdouts as (select * from {{ ref('holdouts') }}),

holdout_members as (select * from {{ ref('holdout_members') }}),

touched_experiments as (
    -- A holdout of one segment concerns the experiments on it, one of all those of everything. An
    -- experiment on everyone is on no segment: it enrols members whom such a holdout holds.
    select
        holdouts.holdout_key,
        holdouts.starts_at,
        experiments.experiment_key
    from holdouts
    cross join experiments
    where holdouts.segment_id is null
    union
    select
        holdouts.holdout_key,
        holdouts.starts_at,
        experiment_segments.experiment_key
    from holdouts
    inner join segments
        on holdouts.segment_id = segments.segment_id or holdouts.segment_id = segments.family
    inner join experiment_segments on segments.segment_id = experiment_segments.segment_id
    inner join experiments on experiment_segments.experiment_key = experiments.experiment_key
    where experiments.segment_id is not null
),

held_units as (
    -- Nobody who was held out is assigned here, so a unit that is held out now became so since: the
    -- holdout began, or the customer merged. Another system may not know our holdouts. After the
    -- window it does no harm.
    select
        units.experiment_key,
        units.unit_id
    from units
    inner join touched_experiments
        on
            units.experiment_key = touched_experiments.experiment_key
            and units.outcome_ends_at > touched_experiments.starts_at
    inner join holdout_members
        on
            touched_experiments.holdout_key = holdout_members.holdout_key
            and units.unit_type = holdout_members.unit_type
            and units.unit_id = holdout_members.unit_id
    group by units.experiment_key, units.unit_id
),

counts as (
    select
        experiments.experiment_key,
        count(units.unit_id) as unit_count,
        count(held_units.unit_id) as held_count,
        count(held_units.unit_id) filter (where not units.is_control) as held_treatment_count
    from experiments
    left join units on experiments.experiment_key = units.experiment_key
    left join held_units
        on
            units.experiment_key = held_units.experiment_key
            and units.unit_id = held_units.unit_id
    group by experiments.experiment_key
),

shared as (
    select
        *,
        {{ share_of('held_count', 'unit_count') }} as statistic
    from counts
),

final as (
    select
        experiment_key,
        'held_out_since' as check_name,
        case when statistic > 0.01 then 'warn' else 'pass' end as status,
        statistic,
        cast(null as double) as p_value,
        'of ' || {{ in_words('unit_count') }} || ' units ' || {{ in_words('held_count') }}
        || ' are in a holdout now, ' || {{ in_words('held_treatment_count') }}
        || ' of them in treatment (' || {{ percent_in_words('statistic') }} || ')' as detail
    from shared
)

select * from final
