-- Of an experiment that has units a changed plan is refused before anything is made of it:
-- depends_on: {{ ref('int_experiment_plan_changes') }}
{{ config(alias='experiments') }}

with

experiments as (select * from {{ ref('experiments') }}),

stages as (select * from {{ ref('experiment_stages') }}),

current_shares as (
    -- The share of the latest stage that has begun; before the first one no one is enrolled.
    select
        experiment_key,
        coalesce(
            max_by(traffic_share, starts_at) filter (where starts_at <= {{ as_of() }}), 0
        ) as traffic_share
    from stages
    group by experiment_key
),

staged as (
    select
        experiments.*,
        -- An experiment without stages enrols its whole slice.
        coalesce(current_shares.traffic_share, 1) as traffic_share
    from experiments
    left join current_shares on experiments.experiment_key = current_shares.experiment_key
),

final as (
    select
        experiment_key,
        hypothesis,
        segment_id,
        unit_type,
        assignment_source,
        coalesce(enrolment, 'always_on') as enrolment,
        layer_key,
        layer_from,
        layer_to,
        priority,
        starts_at,
        ends_at,
        outcome_window_days,
        covariate_window_days,
        primary_metric_key,
        planned_relative_lift,
        alpha,
        power,
        stratify_by,
        coalesce(hash_algorithm, 'md5') as hash_algorithm,
        coalesce(hash_attribute, 'unit_id') as hash_attribute,
        coalesce(salt, experiment_key) as salt,
        traffic_share,
        case
            when starts_at > {{ as_of() }} then 'planned'
            when ends_at <= {{ as_of() }} then 'ended'
            when traffic_share = 0 then 'paused'
            else 'running'
        end as status
    from staged
)

select * from final
