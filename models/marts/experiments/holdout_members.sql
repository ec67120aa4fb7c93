with

holdouts as (
    select * from {{ ref('holdouts') }}
    where starts_at <= {{ as_of() }} and (ends_at is null or ends_at > {{ as_of() }})
),

profiles as (select * from {{ ref('int_customer_profiles') }}),

units as (
    select 'customer' as unit_type, customer_id as unit_id
    from profiles
    union all
    select 'account' as unit_type, account_id as unit_id
    from profiles
    where account_id is not null
    group by account_id
),

drawn as (
    select
        holdouts.holdout_key,
        holdouts.share,
        units.unit_type,
        units.unit_id,
        {{ hash_fraction("'holdout:' || holdouts.holdout_key", 'units.unit_id') }}
            as hash_fraction
    from holdouts
    cross join units
),

final as (
    select
        holdout_key,
        unit_type,
        unit_id,
        hash_fraction
    from drawn
    where hash_fraction < share
)

select * from final
