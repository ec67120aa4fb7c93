-- What was planned for an experiment can be carried out and computed. Ranges stand in positive
-- form, so that a value that is not a number fails too.
with experiments as (
    select * from {{ ref('experiments') }}
),

rules as (
    select
        experiment_key,
        'ends_at is ' || cast(ends_at as string) || ' and starts_at ' || cast(starts_at as string)
        || '; an experiment ends after it starts' as violation
    from experiments
    where not ends_at > starts_at

    union all

    select
        experiment_key,
        'assignment_source is hashed and layer_key, layer_from or layer_to is empty' as violation
    from experiments
    where
        assignment_source = 'hashed'
        and (layer_key is null or layer_from is null or layer_to is null)

    union all

    select
        experiment_key,
        'the slice of its layer is ' || cast(layer_from as string) || ' to '
        || cast(layer_to as string)
        || '; it must be 0 <= layer_from < layer_to <= 1' as violation
    from experiments
    where not (layer_from >= 0 and layer_from < layer_to and layer_to <= 1)

    union all

    select
        experiment_key,
        'outcome_window_days is ' || cast(outcome_window_days as string)
        || '; it must be 1 to 365' as violation
    from experiments
    where not outcome_window_days between 1 and 365

    union all

    select
        experiment_key,
        'covariate_window_days is ' || cast(covariate_window_days as string)
        || '; it must be 0 to 365' as violation
    from experiments
    where not covariate_window_days between 0 and 365

    union all

    select
        experiment_key,
        'planned_relative_lift is ' || cast(planned_relative_lift as string)
        || '; it must be above -1, up to 10, and not 0' as violation
    from experiments
    where
        not planned_relative_lift > -1
        or not planned_relative_lift <= 10
        or planned_relative_lift = 0

    union all

    select
        experiment_key,
        'alpha is ' || cast(alpha as string) || '; it must lie between 0 and 1' as violation
    from experiments
    where not (alpha > 0 and alpha < 1)

    union all

    select
        experiment_key,
        'power is ' || cast(power as string) || '; it must lie between 0 and 1' as violation
    from experiments
    where not (power > 0 and power < 1)
),

final as (
    select 'experiment ' || experiment_key || ' in seeds/experiments.csv: ' || violation as problem
    from rules
)

select * from final
