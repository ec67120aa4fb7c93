with

economics as (select * from {{ ref('experiment_economics') }}),

metrics as (select * from {{ ref('metrics') }}),

experiments as (select * from {{ ref('mart_experiments') }}),

experiment_campaigns as (select * from {{ ref('int_experiment_campaigns') }}),

conversions as (select * from {{ ref('int_experiment_conversions') }}),

attribution as (select * from {{ ref('conversion_attribution') }}),

claims as (select * from {{ ref('int_experiment_spend') }}),

models as (
    select 'first' as model
    union all
    select 'last' as model
    union all
    select 'linear' as model
    union all
    select 'position_based' as model
    union all
    select 'time_decay' as model
    union all
    select 'platform' as model
),

conversion_counts as (
    select
        experiment_key,
        arm_key,
        count(*) as unit_conversions
    from conversions
    group by experiment_key, arm_key
),

paid_arms as (
    select experiment_key, arm_key
    from experiment_campaigns
    where arm_key is not null
    group by experiment_key, arm_key
),

unclear as (
    select
        experiment_key,
        min(reason) as reason
    from experiment_campaigns
    where arm_key is null
    group by experiment_key
),

credited as (
    -- The same orders of the same units that the experiment counts.
    select
        conversions.experiment_key,
        conversions.arm_key,
        attribution.model,
        {{ stable_sum('attribution.credit') }} as credit
    from conversions
    inner join attribution on conversions.order_id = attribution.order_id
    inner join experiment_campaigns
        on
            attribution.campaign_id = experiment_campaigns.campaign_id
            and conversions.experiment_key = experiment_campaigns.experiment_key
            and conversions.arm_key = experiment_campaigns.arm_key
    group by conversions.experiment_key, conversions.arm_key, attribution.model
),

compared as (
    select
        economics.experiment_key,
        economics.arm_key,
        models.model,
        economics.treated_units,
        case
            when not {{ is_past_retention('shop/orders', 'experiments.starts_at') }}
                then coalesce(conversion_counts.unit_conversions, 0)
        end as unit_conversions,
        case
            when models.model = 'platform' then claims.platform_conversions
            else coalesce(credited.credit, 0)
        end as attributed,
        economics.incremental_conversions,
        economics.incremental_conversions_ci_low,
        economics.incremental_conversions_ci_high,
        case when economics.incremental_conversions is null then economics.cost_reason end
            as incremental_reason,
        case
            when metrics.source <> 'orders' then 'the primary metric does not count orders'
            when unclear.experiment_key is not null then unclear.reason
            when paid_arms.experiment_key is null then 'no campaign is known to be the arm''s'
            when models.model = 'platform' and claims.platform_conversions is null
                then 'the platform claims nothing of the arm''s campaigns'
            when models.model = 'platform' and not economics.is_complete
                then 'the platform counts units whose outcome window is not complete'
            when
                models.model <> 'platform'
                and experiments.starts_at < {{ attribution_starts_at() }}
                then 'the experiment began before the days of attribution'
        end as attributed_reason
    from economics
    cross join models
    inner join experiments on economics.experiment_key = experiments.experiment_key
    inner join claims
        on
            economics.experiment_key = claims.experiment_key
            and economics.arm_key = claims.arm_key
    left join metrics on economics.conversion_metric_key = metrics.metric_key
    left join unclear on economics.experiment_key = unclear.experiment_key
    left join paid_arms
        on
            economics.experiment_key = paid_arms.experiment_key
            and economics.arm_key = paid_arms.arm_key
    left join conversion_counts
        on
            economics.experiment_key = conversion_counts.experiment_key
            and economics.arm_key = conversion_counts.arm_key
    left join credited
        on
            economics.experiment_key = credited.experiment_key
            and economics.arm_key = credited.arm_key
            and models.model = credited.model
),

reasoned as (
    select
        *,
        coalesce(
            incremental_reason,
            attributed_reason,
            {{ no_ratio_reason(
                'incremental_conversions_ci_low', 'incremental_conversions_ci_high'
            ) }}
        ) as reason
    from compared
),

final as (
    select
        experiment_key,
        arm_key,
        model,
        treated_units,
        case when incremental_reason is null and attributed_reason is null then unit_conversions end
            as unit_conversions,
        case when incremental_reason is null and attributed_reason is null then attributed end
            as attributed_conversions,
        incremental_conversions,
        incremental_conversions_ci_low,
        incremental_conversions_ci_high,
        case when reason is null then attributed / incremental_conversions end as ratio,
        case when reason is null then attributed / incremental_conversions_ci_high end
            as ratio_ci_low,
        case when reason is null then attributed / incremental_conversions_ci_low end
            as ratio_ci_high,
        reason
    from reasoned
)

select * from final
