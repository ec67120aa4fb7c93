-- crm/accounts: one row per group, with the traits of its last group call.
--
-- Lost: trials and conversion, which no reserved trait names. Where you send them as traits, put them in.
with

-- A group call without a name follows many that have one: each trait is the last that is known.
latest_traits as (
    select
        group_id,
        arg_max(name, timestamp) filter (where name is not null) as account_name,
        arg_max(plan, timestamp) filter (where plan is not null) as plan,
        min(created_at) as created_at,
        min(timestamp) as first_called_at
    from groups
    where group_id is not null
    group by group_id
),

final as (
    select
        own_id(group_id) as account_id,
        account_name,
        plan,
        cast(null as timestamp) as trial_started_at,
        cast(null as timestamp) as trial_ends_at,
        cast(null as timestamp) as converted_at,
        cast(coalesce(created_at, first_called_at) as timestamp) as created_at
    from latest_traits
)

select * from final
order by all
