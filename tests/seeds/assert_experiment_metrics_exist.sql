-- Every experiment measures metrics that exist, and among them the one that decides it.
with experiments as (
    select * from {{ ref('experiments') }}
),

experiment_metrics as (
    select * from {{ ref('experiment_metrics') }}
),

metrics as (
    select * from {{ ref('metrics') }}
),

final as (
    select
        'seeds/experiment_metrics.csv has metric ' || experiment_metrics.metric_key
        || ', which seeds/metrics.csv does not have' as problem
    from experiment_metrics
    left join metrics
        on experiment_metrics.metric_key = metrics.metric_key
    where metrics.metric_key is null

    union all

    select
        'seeds/experiment_metrics.csv has experiment ' || experiment_metrics.experiment_key
        || ', which seeds/experiments.csv does not have' as problem
    from experiment_metrics
    left join experiments
        on experiment_metrics.experiment_key = experiments.experiment_key
    where experiments.experiment_key is null

    union all

    select
        'experiment ' || experiments.experiment_key || ' is decided by '
        || experiments.primary_metric_key
        || ', which seeds/experiment_metrics.csv does not list for it' as problem
    from experiments
    left join experiment_metrics
        on
            experiments.experiment_key = experiment_metrics.experiment_key
            and experiments.primary_metric_key = experiment_metrics.metric_key
    where experiment_metrics.metric_key is null
)

select * from final
