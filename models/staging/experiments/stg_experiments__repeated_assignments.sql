with assignments as (
    select * from {{ ref('base_experiments__assignments') }}
),

final as (
    select
        experiment_key,
        unit_type,
        identifier_type,
        identifier_value,
        identifier_id,
        arm_key,
        min(assigned_at) as assigned_at
    from assignments
    where reject_reason = 'duplicate_key' and removal_reason is null
    group by
        experiment_key,
        unit_type,
        identifier_type,
        identifier_value,
        identifier_id,
        arm_key
)

select * from final
