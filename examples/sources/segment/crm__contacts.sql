-- crm/contacts: one row per identified user, with the traits of the last identify call.
--
-- Traits are what your site sent: an e-mail here is as good as your sign-up form. Lost: traits of your own, and who is
-- staff (is_internal): add it where a trait or an e-mail domain says so. Deletions that Segment carries out leave the
-- table; an erasure request must reach privacy/erasure_requests besides.
with

-- BigQuery may hold several rows a user.
latest_users as (
    select *
    from users
    qualify row_number() over (partition by id order by received_at desc, email, phone) = 1
),

first_calls as (
    select
        user_id,
        min(timestamp) as first_identified_at
    from identifies
    group by user_id
),

-- A user in several groups belongs to the one of the last group call.
latest_groups as (
    select user_id, group_id
    from groups
    where user_id is not null
    qualify row_number() over (partition by user_id order by timestamp desc, id) = 1
),

final as (
    select
        own_id(latest_users.id) as contact_id,
        latest_users.id as user_id,
        coalesce(latest_users.email, latest_users.context_traits_email) as email,
        coalesce(latest_users.phone, latest_users.context_traits_phone) as phone,
        coalesce(latest_users.first_name, latest_users.context_traits_first_name) as first_name,
        coalesce(latest_users.last_name, latest_users.context_traits_last_name) as last_name,
        latest_users.address_postal_code as postal_code,
        -- The trait is free text; only what looks like a code is one.
        country_code_of(latest_users.address_country) as country_code,
        own_id(latest_groups.group_id) as account_id,
        cast(null as varchar) as lifecycle_stage,
        cast(null as boolean) as is_internal,
        cast(
            coalesce(
                latest_users.created_at,
                first_calls.first_identified_at,
                latest_users.received_at
            ) as timestamp
        ) as created_at,
        cast(latest_users.received_at as timestamp) as updated_at
    from latest_users
    left join first_calls on latest_users.id = first_calls.user_id
    left join latest_groups on latest_users.id = latest_groups.user_id
)

select * from final
order by all
