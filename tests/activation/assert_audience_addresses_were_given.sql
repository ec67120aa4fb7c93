-- An exported address is one that a contact or an order of the very customer brought: none of a
-- probable twin, none from another system's list, none of a stranger.
with

audience_members as (select * from {{ ref('audience_members') }}),

identifiers as (select * from {{ ref('customer_identifiers') }}),

given as (
    select email_hash as address
    from {{ ref('stg_crm__contacts') }}
    where created_at < {{ as_of() }}
    union
    select phone_hash as address
    from {{ ref('stg_crm__contacts') }}
    where created_at < {{ as_of() }}
    union
    select email_hash as address
    from {{ ref('stg_shop__orders') }}
    where ordered_at < {{ as_of() }}
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
    left join given on exported.address = given.address
    left join identifiers
        on
            exported.address = identifiers.identifier_value
            and exported.customer_id = identifiers.customer_id
    where given.address is null or identifiers.customer_id is null
)

select * from final
