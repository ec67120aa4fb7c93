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
    select
        {{ identifier_id("'email'", 'email_hash') }} as identifier_id,
        email_hash as address,
        google_email_hash as google_address,
        email_hash as meta_address
    from contacts
    union all
    select
        {{ identifier_id("'phone'", 'phone_hash') }} as identifier_id,
        phone_hash as address,
        phone_hash as google_address,
        meta_phone_hash as meta_address
    from contacts
    union all
    select
        {{ identifier_id("'email'", 'email_hash') }} as identifier_id,
        email_hash as address,
        google_email_hash as google_address,
        email_hash as meta_address
    from orders
),

addresses as (
    -- One that came hashed in one row and in the clear in another has the platform's own hash.
    select
        identifier_id,
        address,
        case
            when max(google_address) is not null
                then coalesce(max(nullif(google_address, address)), address)
        end as google_address,
        coalesce(max(nullif(meta_address, address)), address) as meta_address
    from given
    where address is not null
    group by identifier_id, address
),

ranked as (
    -- The address first seen stands for the person.
    select
        identity_map.customer_id,
        identity_map.identifier_type,
        addresses.address,
        addresses.google_address,
        addresses.meta_address,
        row_number() over (
            partition by identity_map.customer_id, identity_map.identifier_type
            order by identity_map.first_seen_at, identity_map.identifier_value
        ) as address_rank
    from identity_map
    inner join addresses on identity_map.identifier_id = addresses.identifier_id
),

-- Name, country and postal code of the contact that changed last: those of two do not fit together.
ranked_contacts as (
    select
        identity_map.customer_id,
        contacts.*,
        row_number() over (
            partition by identity_map.customer_id
            order by coalesce(contacts.updated_at, contacts.created_at) desc, contacts.contact_id
        ) as contact_rank
    from identity_map
    inner join contacts
        on
            identity_map.identifier_type = 'contact_id'
            and identity_map.identifier_value = contacts.contact_id
),

reachable as (
    select
        customer_id,
        max(case when identifier_type = 'email' then address end) as email_sha256,
        max(case when identifier_type = 'phone' then address end) as phone_sha256,
        max(case when identifier_type = 'email' then google_address end) as google_email_sha256,
        max(case when identifier_type = 'phone' then meta_address end) as meta_phone_sha256
    from ranked
    where address_rank = 1
    group by customer_id
),

final as (
    select
        reachable.customer_id,
        reachable.email_sha256,
        reachable.phone_sha256,
        reachable.google_email_sha256,
        reachable.meta_phone_sha256,
        ranked_contacts.google_first_name_hash as google_first_name_sha256,
        ranked_contacts.google_last_name_hash as google_last_name_sha256,
        ranked_contacts.meta_first_name_hash as meta_first_name_sha256,
        ranked_contacts.meta_last_name_hash as meta_last_name_sha256,
        ranked_contacts.meta_country_hash as meta_country_sha256,
        ranked_contacts.meta_postal_code_hash as meta_postal_code_sha256,
        case
            when {{ is_country_code('ranked_contacts.country_code') }}
                then ranked_contacts.country_code
        end as country_code,
        case
            when not {{ is_sha256('lower(ranked_contacts.postal_code)') }}
                then ranked_contacts.postal_code
        end as postal_code
    from reachable
    left join ranked_contacts
        on reachable.customer_id = ranked_contacts.customer_id and ranked_contacts.contact_rank = 1
)

select * from final
