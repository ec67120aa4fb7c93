-- An exported address is one that a contact or an order of the very customer brought: none of a
-- probable twin, none from another system's list, none of a stranger.
with

audience_members as (select * from {{ ref('audience_members') }}),

identifiers as (select * from {{ ref('customer_identifiers') }}),

contacts as (
    select * from {{ ref('stg_crm__contacts') }}
    where created_at < {{ as_of() }}
),

orders as (
    select * from {{ ref('stg_shop__orders') }}
    where ordered_at < {{ as_of() }}
),

given as (
    -- What identifies the customer, and as which hash it may go out.
    select email_hash as identifier_value, email_hash as address
    from contacts
    union
    select email_hash as identifier_value, google_email_hash as address
    from contacts
    union
    select phone_hash as identifier_value, phone_hash as address
    from contacts
    union
    select phone_hash as identifier_value, meta_phone_hash as address
    from contacts
    union
    select email_hash as identifier_value, email_hash as address
    from orders
    union
    select email_hash as identifier_value, google_email_hash as address
    from orders
),

owned as (
    select given.address, identifiers.customer_id
    from given
    inner join identifiers on given.identifier_value = identifiers.identifier_value
),

exported as (
    select customer_id, email_sha256 as address
    from audience_members
    where email_sha256 is not null
    union
    select customer_id, phone_sha256 as address
    from audience_members
    where phone_sha256 is not null
),

final as (
    select
        'audience_members: ' || exported.customer_id || ' is sent with ' || exported.address
        || ', an address that the customer did not give' as problem
    from exported
    left join owned
        on exported.address = owned.address and exported.customer_id = owned.customer_id
    where owned.customer_id is null
)

select * from final
