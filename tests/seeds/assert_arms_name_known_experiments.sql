-- A misspelt key would leave its experiment without this arm, in silence.
with experiments as (
    select * from {{ ref('experiments') }}
),

experiment_arms as (
    select * from {{ ref('experiment_arms') }}
),

final as (
    select
        'seeds/experiment_arms.csv has arm ' || experiment_arms.arm_key || ' of experiment '
        || experiment_arms.experiment_key
        || ', which seeds/experiments.csv does not have' as problem
    from experiment_arms
    left join experiments
        on experiment_arms.experiment_key = experiments.experiment_key
    where experiments.experiment_key is null
)

select * from final
