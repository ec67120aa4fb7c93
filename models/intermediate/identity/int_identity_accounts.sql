with

contacts as (
    select * from {{ ref('stg_crm__contacts') }}
    where account_id is not null and created_at < {{ as_of() }}
),

identity_map as (select * from {{ ref('int_identity_map') }}),

ranked as (
    -- A person in several accounts counts in the one joined last.
    select
        identity_map.customer_id,
        contacts.account_id,
        row_number() over (
            partition by identity_map.customer_id
            order by contacts.created_at desc, contacts.contact_id desc
        ) as account_rank
    from contacts
    inner join identity_map
        on {{ identifier_id("'contact_id'", 'contacts.contact_id') }} = identity_map.identifier_id
),

final as (
    select customer_id, account_id
    from ranked
    where account_rank = 1
)

select * from final
