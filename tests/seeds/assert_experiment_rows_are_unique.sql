-- Two rows of one key would count what they describe twice. (Two stages at one moment are told where
-- stages are.)
with keys as (
    select 'experiments' as seed, 'experiment ' || experiment_key as row_name
    from {{ ref('experiments') }}
    union all
    select
        'experiment_arms' as seed,
        'arm ' || arm_key || ' of experiment ' || experiment_key as row_name
    from {{ ref('experiment_arms') }}
    union all
    select
        'experiment_metrics' as seed,
        'metric ' || metric_key || ' of experiment ' || experiment_key as row_name
    from {{ ref('experiment_metrics') }}
    union all
    select 'metrics' as seed, 'metric ' || metric_key as row_name
    from {{ ref('metrics') }}
    union all
    select 'layers' as seed, 'layer ' || layer_key as row_name
    from {{ ref('layers') }}
    union all
    select 'holdouts' as seed, 'holdout ' || holdout_key as row_name
    from {{ ref('holdouts') }}
),

final as (
    select
        'seeds/' || seed || '.csv has ' || cast(count(*) as string) || ' rows for ' || row_name
            as problem
    from keys
    group by seed, row_name
    having count(*) > 1
)

select * from final
