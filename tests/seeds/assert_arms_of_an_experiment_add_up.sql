-- An experiment splits all of its units: weights above 0 that sum to 1, one control and something
-- to compare with it.
with experiments as (
    select * from {{ ref('experiments') }}
),

experiment_arms as (
    select * from {{ ref('experiment_arms') }}
),

arms_per_experiment as (
    select
        experiments.experiment_key,
        count(experiment_arms.arm_key) as arm_count,
        count(case when experiment_arms.is_control then 1 end) as control_count,
        min(experiment_arms.weight) as smallest_weight,
        sum(experiment_arms.weight) as total_weight
    from experiments
    left join experiment_arms
        on experiments.experiment_key = experiment_arms.experiment_key
    group by experiments.experiment_key
),

final as (
    select
        'experiment ' || experiment_key || ' has ' || cast(arm_count as string)
        || ' arm(s) in seeds/experiment_arms.csv; it needs a control and a treatment'
            as problem
    from arms_per_experiment
    where arm_count < 2

    union all

    select
        'experiment ' || experiment_key || ' has ' || cast(control_count as string)
        || ' control arms in seeds/experiment_arms.csv; exactly one is needed' as problem
    from arms_per_experiment
    where arm_count >= 2 and control_count <> 1

    union all

    select
        'experiment ' || experiment_key || ' has an arm of weight '
        || cast(smallest_weight as string)
        || ' in seeds/experiment_arms.csv; each weight is above 0' as problem
    from arms_per_experiment
    where not smallest_weight > 0

    union all

    -- Positive form: a sum that is not a number fails too.
    select
        'the arm weights of experiment ' || experiment_key || ' sum to '
        || cast(total_weight as string)
        || ' in seeds/experiment_arms.csv; they must sum to 1' as problem
    from arms_per_experiment
    where arm_count >= 2 and not abs(total_weight - 1) <= 1e-9
)

select * from final
