with accounts as (
    select * from {{ ref('base_crm__accounts') }}
),

final as (
    select
        account_id,
        account_name,
        plan,
        trial_started_at,
        trial_ends_at,
        converted_at,
        created_at
    from accounts
    where reject_reason is null
)

select * from final
