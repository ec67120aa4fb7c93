{{ config(access='private', schema='intermediate') }}

with

contacts as (
    select * from {{ ref('stg_crm__contacts') }}
    where created_at < {{ as_of() }}
),

orders as (
    select * from {{ ref('stg_shop__orders') }}
    where ordered_at < {{ as_of() }}
),

identity_map as (select * from {{ ref('int_identity_map') }}),

given as (
    -- What the person gave, to the CRM or with an order. Another system's list is no such evidence.
    select {{ identifier_id("'email'", 'email_hash') }} as identifier_id
    from contacts
    union all
    select {{ identifier_id("'phone'", 'phone_hash') }} as identifier_id
    from contacts
    union all
    select {{ identifier_id("'email'", 'email_hash') }} as identifier_id
    from orders
),

ranked as (
    -- The address first seen stands for the person.
    select
        customer_id,
        identifier_type,
        identifier_value,
        row_number() over (
            partition by customer_id, identifier_type
            order by first_seen_at, identifier_value
        ) as address_rank
    from identity_map
    where identifier_id in (select given.identifier_id from given)
),

final as (
    select
        customer_id,
        max(case when identifier_type = 'email' then identifier_value end) as email_sha256,
        max(case when identifier_type = 'phone' then identifier_value end) as phone_sha256
    from ranked
    where address_rank = 1
    group by customer_id
)

select * from final
