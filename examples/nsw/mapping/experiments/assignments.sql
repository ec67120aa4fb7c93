-- experiments/assignments: one row per man, as the study drew them. The records say no day.
with final as (
    select
        'nsw_training' as experiment_key,
        'customer' as unit_type,
        'user_id' as identifier_type,
        man_id as identifier_value,
        case when treat = 1 then 'training' else 'control' end as arm_key,
        timestamp '1978-01-01' as assigned_at
    from men
)

select * from final
order by identifier_value
