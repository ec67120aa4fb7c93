{{ config(access='protected', schema='intermediate') }}

with

holdout_members as (select * from {{ ref('holdout_members') }}),

profiles as (select * from {{ ref('int_customer_profiles') }}),

final as (
    -- Held out in person, or with the whole account.
    select unit_id as customer_id
    from holdout_members
    where unit_type = 'customer'
    union
    select profiles.customer_id
    from holdout_members
    inner join profiles on holdout_members.unit_id = profiles.account_id
    where holdout_members.unit_type = 'account'
)

select * from final
