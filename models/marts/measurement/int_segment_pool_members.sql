{{ config(access='private', schema='intermediate') }}

with

lifts as (
    select * from {{ ref('int_experiment_slice_lifts') }}
    where dimension = 'segment'
),

experiments as (select * from {{ ref('mart_experiments') }}),

arms as (
    select
        *,
        count(*) over (partition by experiment_key, creative_key) as same_creative_count
    from {{ ref('mart_experiment_arms') }}
),

failures as (select * from {{ ref('int_experiment_failures') }}),

pools as (
    -- One treatment: an arm. Experiments that give the same creative against the same control to the
    -- same kind of unit, and look as long, ask the same question. Two arms of one experiment share
    -- their control and so are no two studies.
    select
        treatments.experiment_key,
        treatments.arm_key,
        case
            when treatments.creative_key is null or treatments.same_creative_count > 1
                then treatments.experiment_key || '/' || treatments.arm_key
            else
                treatments.creative_key
                || ' against ' || coalesce(controls.creative_key, 'nothing')
                || ', ' || experiments.unit_type
                || ', ' || {{ number_text('experiments.outcome_window_days') }} || ' days'
        end as pool_key
    from arms as treatments
    inner join arms as controls
        on treatments.experiment_key = controls.experiment_key and controls.is_control
    inner join experiments on treatments.experiment_key = experiments.experiment_key
    where not treatments.is_control
),

final as (
    select
        lifts.experiment_key,
        lifts.arm_key,
        lifts.metric_key,
        lifts.dimension_value as segment_id,
        pools.pool_key,
        lifts.alpha,
        lifts.control_units,
        lifts.treatment_units,
        lifts.control_mean,
        lifts.treatment_mean,
        lifts.absolute_lift as raw_lift,
        lifts.standard_error,
        lifts.ci_low as raw_ci_low,
        lifts.ci_high as raw_ci_high,
        case
            when failures.experiment_key is not null
                then 'a check of experiment_health fails'
            else lifts.reason
        end as reason
    from lifts
    inner join pools
        on lifts.experiment_key = pools.experiment_key and lifts.arm_key = pools.arm_key
    left join failures on lifts.experiment_key = failures.experiment_key
)

select * from final
