{{ config(access='protected', schema='intermediate') }}

with

holdout_members as (select * from {{ ref('holdout_members') }}),

segments as (select * from {{ ref('segments') }}),

memberships as (select * from {{ ref('segment_memberships') }}),

profiles as (select * from {{ ref('int_customer_profiles') }}),

people as (
    -- Held out in person, or with the whole account.
    select unit_id as customer_id, segment_id
    from holdout_members
    where unit_type = 'customer'
    union
    select profiles.customer_id, holdout_members.segment_id
    from holdout_members
    inner join profiles on holdout_members.unit_id = profiles.account_id
    where holdout_members.unit_type = 'account'
),

final as (
    select customer_id, segment_id
    from people
    where segment_id is null
    union
    -- The segments they are in; of a family all of them.
    select people.customer_id, memberships.segment_id
    from people
    inner join segments
        on people.segment_id = segments.segment_id or people.segment_id = segments.family
    inner join memberships
        on
            people.customer_id = memberships.customer_id
            and segments.segment_id = memberships.segment_id
)

select * from final
