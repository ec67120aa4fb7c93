-- A unit is in one experiment of a layer at a time, until its outcome window ends. The build sees to
-- it; what shows here is a ledger that was edited, or a layer or a window that was changed before plans
-- were held (int_experiment_plans).
with

assignments as (select * from {{ ref('experiment_assignments') }}),

experiments as (
    select * from {{ ref('mart_experiments') }}
    where layer_key is not null
),

windows as (
    select
        experiments.layer_key,
        assignments.experiment_key,
        assignments.unit_type,
        assignments.unit_id,
        assignments.assigned_at,
        {{ dbt.dateadd('day', 'experiments.outcome_window_days', 'assignments.assigned_at') }}
            as outcome_ends_at
    from assignments
    inner join experiments on assignments.experiment_key = experiments.experiment_key
),

conflicts as (
    select
        earlier.layer_key,
        earlier.experiment_key as earlier_key,
        later.experiment_key as later_key,
        count(*) as unit_count,
        min(earlier.unit_id) as unit_id
    from windows as earlier
    inner join windows as later
        on
            earlier.layer_key = later.layer_key
            and earlier.unit_type = later.unit_type
            and earlier.unit_id = later.unit_id
            and earlier.experiment_key < later.experiment_key
            and earlier.assigned_at < later.outcome_ends_at
            and later.assigned_at < earlier.outcome_ends_at
    group by earlier.layer_key, earlier.experiment_key, later.experiment_key
),

final as (
    select
        'experiment_assignments: experiments ' || earlier_key || ' and ' || later_key
        || ' of layer ' || layer_key || ' have ' || cast(unit_count as {{ dbt.type_string() }})
        || ' unit(s) in both at once, ' || unit_id || ' for one; put back layer_key and'
        || ' outcome_window_days of seeds/experiments.csv as they were when the experiments began'
            as problem
    from conflicts
)

select * from final
