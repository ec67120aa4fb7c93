-- The ledger's fractions are what the hash gives today, and each arm is the one whose slice holds
-- its fraction: a row that was edited, a weight, or a macro that changed, shows.
with

assignments as (
    select * from {{ ref('experiment_assignments') }}
    where assignment_source = 'hashed'
),

experiments as (select * from {{ ref('mart_experiments') }}),

arms as (select * from {{ ref('mart_experiment_arms') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

hashed_values as (
    select
        assignments.experiment_key,
        assignments.unit_id,
        assignments.unit_id as hash_value
    from assignments
    inner join experiments on assignments.experiment_key = experiments.experiment_key
    where experiments.hash_attribute = 'unit_id'
    union all
    -- A customer has got to know more user ids since, maybe; the one that was hashed is among them.
    select
        assignments.experiment_key,
        assignments.unit_id,
        user_ids.identifier_value as hash_value
    from assignments
    inner join experiments on assignments.experiment_key = experiments.experiment_key
    inner join identity_map on assignments.unit_id = identity_map.identifier_key
    inner join identity_map as user_ids on identity_map.customer_id = user_ids.customer_id
    where experiments.hash_attribute = 'user_id' and user_ids.identifier_type = 'user_id'
),

recomputed as (
    -- Several rows a unit where user ids are hashed.
    select
        hashed_values.experiment_key,
        hashed_values.unit_id,
        {{
            arm_fraction(
                'experiments.hash_algorithm', 'experiments.salt', 'hashed_values.hash_value'
            )
        }} as hash_fraction
    from hashed_values
    inner join experiments on hashed_values.experiment_key = experiments.experiment_key
),

checked as (
    select
        assignments.experiment_key,
        assignments.unit_id,
        assignments.arm_key,
        assignments.hash_fraction,
        assignments.stratum,
        -- Rows from before the column have none.
        coalesce(assignments.arm_fraction, assignments.hash_fraction) as arm_fraction,
        recomputed.unit_id is not null as is_recomputed
    from assignments
    -- Of an experiment that left the seeds another test tells.
    inner join experiments on assignments.experiment_key = experiments.experiment_key
    left join recomputed
        on
            assignments.experiment_key = recomputed.experiment_key
            and assignments.unit_id = recomputed.unit_id
            and assignments.hash_fraction = recomputed.hash_fraction
),

rules as (
    select
        experiment_key,
        unit_id,
        'bears another hash_fraction than its hash gives' as violation
    from checked
    where not is_recomputed

    union all

    select
        experiment_key,
        unit_id,
        'has the arm_fraction ' || cast(arm_fraction as {{ dbt.type_string() }})
        || ' and no stratum; it must be its hash_fraction' as violation
    from checked
    where stratum is null and arm_fraction <> hash_fraction

    union all

    select
        checked.experiment_key,
        checked.unit_id,
        'is in arm ' || checked.arm_key || ', and the arm_fraction '
        || coalesce(cast(checked.arm_fraction as {{ dbt.type_string() }}), 'null')
        || ' lies in the slice of ' || coalesce(arms.arm_key, 'none') as violation
    from checked
    left join arms
        on
            checked.experiment_key = arms.experiment_key
            and checked.arm_fraction >= arms.hash_from
            and checked.arm_fraction < arms.hash_to
    where coalesce(checked.arm_key <> arms.arm_key, true)
),

final as (
    select
        'experiment_assignments: ' || experiment_key || ' ' || unit_id || ' ' || violation
            as problem
    from rules
)

select * from final
