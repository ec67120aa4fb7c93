{{ config(access='private', schema='intermediate') }}

with

touches as (select * from {{ ref('int_experiment_touches') }}),

windowed as (
    -- Touches are known by the day: of the day of the assignment the first came before it, or the
    -- last after it, or both.
    select
        *,
        case
            when first_touched_at >= assigned_at then first_touched_at
            else last_touched_at
        end as touched_at
    from touches
),

judged as (
    select
        *,
        touched_at >= assigned_at and touched_at < outcome_ends_at as is_in_window,
        is_shown and not is_of_control as is_exposure,
        is_shown and coalesce(creative_arm_key <> arm_key, false) as is_of_another_arm,
        is_shown and coalesce(creative_arm_key = arm_key, false) as is_of_its_arm
    from windowed
),

final as (
    select
        experiment_key,
        unit_id,
        min(touched_at) filter (where is_in_window and is_exposure) as first_exposed_at,
        min(first_touched_at) filter (where first_touched_at < assigned_at and is_exposure)
            as exposed_before_at,
        max(case when is_in_window and is_of_another_arm then 1 else 0 end) = 1
            as is_touched_by_another_arm,
        max(case when is_in_window and is_of_its_arm then 1 else 0 end) = 1
            as is_touched_by_its_arm
    from judged
    group by experiment_key, unit_id
)

select * from final
