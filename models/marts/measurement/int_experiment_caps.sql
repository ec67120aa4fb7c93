{{ config(access='private', schema='intermediate') }}

with

outcomes as (
    select * from {{ ref('experiment_unit_outcomes') }}
    where is_mature
),

capped_metrics as (
    select * from {{ ref('metrics') }}
    where winsor_quantile is not null
),

unit_values as (
    select
        outcomes.experiment_key,
        outcomes.metric_key,
        'outcome' as what,
        outcomes.outcome_value as unit_value,
        outcomes.unit_id
    from outcomes
    where outcomes.outcome_value <> 0
    union all
    select
        outcomes.experiment_key,
        outcomes.metric_key,
        'covariate' as what,
        outcomes.covariate_value as unit_value,
        outcomes.unit_id
    from outcomes
    where outcomes.covariate_value <> 0
),

ranked as (
    select
        unit_values.*,
        capped_metrics.winsor_quantile,
        row_number() over (
            partition by
                unit_values.experiment_key, unit_values.metric_key, unit_values.what
            order by unit_values.unit_value, unit_values.unit_id
        ) as value_rank,
        count(*) over (
            partition by
                unit_values.experiment_key, unit_values.metric_key, unit_values.what
        ) as value_count
    from unit_values
    inner join capped_metrics on unit_values.metric_key = capped_metrics.metric_key
),

final as (
    -- Once for all arms: a cap of its own for each would hide what the treatment did to the tail. The
    -- 1e-9 keeps a product like 0.95 * 20 from asking for the next value.
    select
        experiment_key,
        metric_key,
        min(case when what = 'outcome' then unit_value end) as outcome_cap,
        min(case when what = 'covariate' then unit_value end) as covariate_cap
    from ranked
    where value_rank >= winsor_quantile * value_count - 1e-9
    group by experiment_key, metric_key
)

select * from final
