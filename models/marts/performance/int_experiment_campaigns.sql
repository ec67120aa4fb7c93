{{ config(access='private', schema='intermediate') }}

with

campaigns as (
    select * from {{ ref('stg_ads__campaigns') }}
    where experiment_key is not null
),

treatment_arms as (
    select * from {{ ref('mart_experiment_arms') }}
    where not is_control
),

touches as (
    select * from {{ ref('int_experiment_touches') }}
    where is_shown and creative_arm_key is not null
),

treatments as (
    select
        experiment_key,
        count(*) as treatment_count,
        min(arm_key) as first_arm_key
    from treatment_arms
    group by experiment_key
),

shown as (
    -- Whose creatives a campaign showed; control can have one of its own.
    select
        experiment_key,
        campaign_id,
        count(distinct creative_arm_key) as arm_count,
        min(creative_arm_key) as first_arm_key
    from touches
    group by experiment_key, campaign_id
),

final as (
    select
        campaigns.experiment_key,
        campaigns.campaign_id,
        case
            when shown.arm_count = 1 then shown.first_arm_key
            when shown.arm_count is null and treatments.treatment_count = 1
                then treatments.first_arm_key
        end as arm_key,
        case
            when shown.arm_count > 1
                then 'campaign ' || campaigns.campaign_id || ' showed creatives of several arms'
            when shown.arm_count is null and treatments.treatment_count > 1
                then 'no touch says which arm campaign ' || campaigns.campaign_id || ' is for'
        end as reason
    from campaigns
    inner join treatments on campaigns.experiment_key = treatments.experiment_key
    left join shown
        on
            campaigns.experiment_key = shown.experiment_key
            and campaigns.campaign_id = shown.campaign_id
)

select * from final
