{{ config(access='protected', schema='intermediate') }}

with

units as (select * from {{ ref('int_experiment_units') }}),

unit_customers as (select * from {{ ref('int_experiment_unit_customers') }}),

arms as (select * from {{ ref('mart_experiment_arms') }}),

campaigns as (
    select * from {{ ref('stg_ads__campaigns') }}
    where experiment_key is not null
),

touches as (
    select * from {{ ref('int_identifier_touches_daily') }}
    where touch_date < {{ as_of() }}
),

identity_map as (select * from {{ ref('int_identity_map') }}),

arm_creatives as (
    -- A creative names an arm where no other arm of the experiment has it too.
    select
        experiment_key,
        creative_key,
        min(arm_key) as arm_key
    from arms
    where creative_key is not null
    group by experiment_key, creative_key
    having count(*) = 1
),

campaign_touches as (
    select
        campaigns.experiment_key,
        identity_map.customer_id,
        touches.identifier_id,
        touches.touch_date,
        touches.campaign_id,
        touches.creative_key,
        touches.touch_type,
        touches.first_touched_at,
        touches.last_touched_at
    from touches
    inner join campaigns on touches.campaign_id = campaigns.campaign_id
    inner join identity_map on touches.identifier_id = identity_map.identifier_id
),

final as (
    select
        units.experiment_key,
        units.unit_id,
        units.arm_key,
        units.is_control,
        units.assigned_at,
        units.outcome_ends_at,
        campaign_touches.identifier_id,
        campaign_touches.touch_date,
        campaign_touches.campaign_id,
        campaign_touches.creative_key,
        campaign_touches.touch_type,
        arms.arm_key as creative_arm_key,
        campaign_touches.touch_type <> 'would_be_impression' as is_shown,
        -- What control gets in place of the treatment exposes no one to it.
        coalesce(arms.is_control, false) as is_of_control,
        campaign_touches.first_touched_at,
        campaign_touches.last_touched_at
    from units
    inner join unit_customers
        on
            units.experiment_key = unit_customers.experiment_key
            and units.unit_id = unit_customers.unit_id
    inner join campaign_touches
        on
            unit_customers.experiment_key = campaign_touches.experiment_key
            and unit_customers.customer_id = campaign_touches.customer_id
    left join arm_creatives
        on
            campaign_touches.experiment_key = arm_creatives.experiment_key
            and campaign_touches.creative_key = arm_creatives.creative_key
    left join arms
        on
            arm_creatives.experiment_key = arms.experiment_key
            and arm_creatives.arm_key = arms.arm_key
)

select * from final
