{{ config(alias='experiments') }}

with

experiments as (select * from {{ ref('experiments') }}),

final as (
    select
        experiment_key,
        hypothesis,
        segment_id,
        unit_type,
        assignment_source,
        layer_key,
        layer_from,
        layer_to,
        starts_at,
        ends_at,
        outcome_window_days,
        covariate_window_days,
        primary_metric_key,
        planned_relative_lift,
        alpha,
        power,
        stratify_by,
        case
            when starts_at > {{ as_of() }} then 'planned'
            when ends_at <= {{ as_of() }} then 'ended'
            else 'running'
        end as status
    from experiments
)

select * from final
