{{ config(access='private', schema='intermediate') }}

with

experiment_campaigns as (select * from {{ ref('int_experiment_campaigns') }}),

daily_delivery as (
    select * from {{ ref('stg_ads__daily_delivery') }}
    where delivery_date < cast({{ as_of() }} as date)
),

readouts as (select * from {{ ref('experiment_readouts') }}),

experiments as (select * from {{ ref('mart_experiments') }}),

arms as (
    select experiment_key, arm_key
    from readouts
    group by experiment_key, arm_key
),

spans as (
    -- While the treatment ran and its windows were open: what is shown to everybody afterwards was not
    -- spent on the units.
    select
        experiments.experiment_key,
        cast(experiments.starts_at as date) as starts_on,
        max(readouts.complete_at) as complete_at
    from experiments
    inner join readouts on experiments.experiment_key = readouts.experiment_key
    group by experiments.experiment_key, experiments.starts_at
),

spent as (
    select
        experiment_campaigns.experiment_key,
        experiment_campaigns.campaign_id,
        experiment_campaigns.arm_key,
        experiment_campaigns.reason,
        {{ stable_sum('daily_delivery.spend_reporting_amount') }} as spend_amount,
        {{ stable_sum('daily_delivery.platform_conversions') }} as platform_conversions
    from experiment_campaigns
    inner join spans on experiment_campaigns.experiment_key = spans.experiment_key
    inner join daily_delivery
        on
            experiment_campaigns.campaign_id = daily_delivery.campaign_id
            and daily_delivery.delivery_date >= spans.starts_on
            -- Days are billed whole: the one on which the last window ends has begun before that.
            and cast(daily_delivery.delivery_date as timestamp) < spans.complete_at
    group by
        experiment_campaigns.experiment_key,
        experiment_campaigns.campaign_id,
        experiment_campaigns.arm_key,
        experiment_campaigns.reason
),

unclear as (
    select
        experiment_key,
        min(reason) as reason
    from spent
    where arm_key is null and spend_amount > 0
    group by experiment_key
),

arm_spend as (
    select
        experiment_key,
        arm_key,
        {{ stable_sum('spend_amount') }} as spend_amount,
        {{ stable_sum('platform_conversions') }} as platform_conversions
    from spent
    where arm_key is not null
    group by experiment_key, arm_key
),

named as (
    select experiment_key
    from experiment_campaigns
    group by experiment_key
),

final as (
    -- Spend that may be any arm's leaves none of them a cost.
    select
        arms.experiment_key,
        arms.arm_key,
        case when unclear.experiment_key is null then arm_spend.spend_amount end as spend,
        case
            when unclear.reason is not null then unclear.reason
            when named.experiment_key is null then 'no campaign names the experiment'
            when arm_spend.spend_amount is null
                then 'ads/daily_delivery has no spend of the arm''s campaigns'
        end as spend_reason,
        case when unclear.experiment_key is null then arm_spend.platform_conversions end
            as platform_conversions
    from arms
    left join arm_spend
        on
            arms.experiment_key = arm_spend.experiment_key
            and arms.arm_key = arm_spend.arm_key
    left join unclear on arms.experiment_key = unclear.experiment_key
    left join named on arms.experiment_key = named.experiment_key
)

select * from final
