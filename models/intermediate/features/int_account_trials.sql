with

accounts as (
    select * from {{ ref('stg_crm__accounts') }}
    where trial_started_at < {{ as_of() }}
),

final as (
    -- A conversion on or after as_of has not happened yet.
    select
        account_id,
        trial_started_at,
        trial_ends_at,
        case when converted_at < {{ as_of() }} then converted_at end as converted_at,
        coalesce(converted_at < {{ as_of() }}, false) as has_converted,
        not coalesce(converted_at < {{ as_of() }}, false)
        and coalesce(trial_ends_at >= {{ as_of() }}, true) as is_in_trial
    from accounts
)

select * from final
