{{ config(access='protected', schema='intermediate') }}

with

units as (select * from {{ ref('int_experiment_units') }}),

profiles as (select * from {{ ref('int_customer_profiles') }}),

final as (
    select
        units.experiment_key,
        units.unit_id,
        profiles.customer_id
    from units
    inner join profiles
        on units.unit_type = 'customer' and units.unit_id = profiles.customer_id
    union all
    select
        units.experiment_key,
        units.unit_id,
        profiles.customer_id
    from units
    inner join profiles
        on units.unit_type = 'account' and units.unit_id = profiles.account_id
)

select * from final
