{{ config(access='private', schema='intermediate') }}

with

units as (select * from {{ ref('int_experiment_units') }}),

unit_customers as (select * from {{ ref('int_experiment_unit_customers') }}),

campaigns as (
    select * from {{ ref('stg_ads__campaigns') }}
    where experiment_key is not null
),

touches as (
    select * from {{ ref('int_identifier_touches_daily') }}
    where touch_date < {{ as_of() }}
),

identity_map as (select * from {{ ref('int_identity_map') }}),

campaign_touches as (
    select
        campaigns.experiment_key,
        identity_map.customer_id,
        touches.first_touched_at
    from touches
    inner join campaigns on touches.campaign_id = campaigns.campaign_id
    inner join identity_map on touches.identifier_id = identity_map.identifier_id
),

final as (
    select
        units.experiment_key,
        units.unit_id,
        min(campaign_touches.first_touched_at) as first_exposed_at
    from units
    inner join unit_customers
        on
            units.experiment_key = unit_customers.experiment_key
            and units.unit_id = unit_customers.unit_id
    inner join campaign_touches
        on
            unit_customers.experiment_key = campaign_touches.experiment_key
            and unit_customers.customer_id = campaign_touches.customer_id
    where
        campaign_touches.first_touched_at >= units.assigned_at
        and campaign_touches.first_touched_at < units.outcome_ends_at
    group by units.experiment_key, units.unit_id
)

select * from final
