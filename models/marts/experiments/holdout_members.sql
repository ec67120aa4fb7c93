with

holdouts as (
    select * from {{ ref('holdouts') }}
    where starts_at <= {{ as_of() }} and (ends_at is null or ends_at > {{ as_of() }})
),

segments as (select * from {{ ref('segments') }}),

memberships as (select * from {{ ref('segment_memberships') }}),

profiles as (select * from {{ ref('int_customer_profiles') }}),

people as (
    select
        holdouts.holdout_key,
        profiles.customer_id,
        profiles.account_id
    from holdouts
    cross join profiles
    where holdouts.segment_id is null
    union all
    -- Of a segment, or of a whole family: its members, once each.
    select
        holdouts.holdout_key,
        profiles.customer_id,
        profiles.account_id
    from holdouts
    inner join segments
        on holdouts.segment_id = segments.segment_id or holdouts.segment_id = segments.family
    inner join memberships on segments.segment_id = memberships.segment_id
    inner join profiles on memberships.customer_id = profiles.customer_id
    group by holdouts.holdout_key, profiles.customer_id, profiles.account_id
),

units as (
    select holdout_key, 'customer' as unit_type, customer_id as unit_id
    from people
    union all
    select holdout_key, 'account' as unit_type, account_id as unit_id
    from people
    where account_id is not null
    group by holdout_key, account_id
),

drawn as (
    select
        holdouts.holdout_key,
        holdouts.segment_id,
        holdouts.share,
        units.unit_type,
        units.unit_id,
        {{ hash_fraction("'holdout:' || holdouts.holdout_key", 'units.unit_id') }}
            as hash_fraction
    from holdouts
    inner join units on holdouts.holdout_key = units.holdout_key
),

final as (
    select
        holdout_key,
        segment_id,
        unit_type,
        unit_id,
        hash_fraction
    from drawn
    where hash_fraction < share
)

select * from final
