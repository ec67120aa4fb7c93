-- Two rows of one arm or metric would count its units twice.
with experiment_arms as (
    select * from {{ ref('experiment_arms') }}
),

experiment_metrics as (
    select * from {{ ref('experiment_metrics') }}
),

final as (
    select
        'seeds/experiment_arms.csv has ' || cast(count(*) as string) || ' rows for arm ' || arm_key
        || ' of experiment ' || experiment_key as problem
    from experiment_arms
    group by experiment_key, arm_key
    having count(*) > 1

    union all

    select
        'seeds/experiment_metrics.csv has ' || cast(count(*) as string) || ' rows for metric '
        || metric_key
        || ' of experiment ' || experiment_key as problem
    from experiment_metrics
    group by experiment_key, metric_key
    having count(*) > 1
)

select * from final
