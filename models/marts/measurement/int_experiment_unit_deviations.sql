{{ config(access='private', schema='intermediate') }}

with

outcomes as (select * from {{ ref('experiment_unit_outcomes') }}),

caps as (select * from {{ ref('int_experiment_caps') }}),

capped as (
    select
        outcomes.experiment_key,
        outcomes.metric_key,
        outcomes.arm_key,
        outcomes.unit_id,
        outcomes.segment_id,
        outcomes.stratum,
        outcomes.outcome_ends_at,
        outcomes.lifecycle_stage,
        outcomes.loyalty_tier,
        outcomes.country_code,
        outcomes.preferred_device,
        outcomes.is_mature,
        outcomes.is_merged_across_arms,
        outcomes.is_exposed,
        least(
            outcomes.outcome_value, coalesce(caps.outcome_cap, outcomes.outcome_value)
        ) as outcome,
        outcomes.denominator_value as denominator,
        least(
            outcomes.covariate_value, coalesce(caps.covariate_cap, outcomes.covariate_value)
        ) as covariate,
        outcomes.covariate_denominator_value as covariate_denominator
    from outcomes
    left join caps
        on
            outcomes.experiment_key = caps.experiment_key
            and outcomes.metric_key = caps.metric_key
),

centres as (
    -- Sums of squares lose their digits on large means. So values are taken against the mean of all
    -- arms, and in units of their range: between -1 and 1, whatever they count.
    select
        experiment_key,
        metric_key,
        {{ stable_sum('outcome') }} / count(*) as outcome_centre,
        max(outcome) - min(outcome) as outcome_range,
        {{ stable_sum('denominator') }} / count(*) as denominator_centre,
        max(denominator) - min(denominator) as denominator_range,
        {{ stable_sum('covariate') }} / count(*) as covariate_centre,
        max(covariate) - min(covariate) as covariate_range,
        {{ stable_sum('covariate_denominator') }} / count(*) as covariate_denominator_centre,
        max(covariate_denominator) - min(covariate_denominator) as covariate_denominator_range
    from capped
    group by experiment_key, metric_key
),

final as (
    select
        capped.*,
        centres.outcome_range,
        centres.denominator_range,
        centres.covariate_range,
        centres.covariate_denominator_range,
        coalesce(
            (capped.outcome - centres.outcome_centre) / nullif(centres.outcome_range, 0), 0
        ) as outcome_deviation,
        coalesce(
            (capped.denominator - centres.denominator_centre)
            / nullif(centres.denominator_range, 0),
            0
        ) as denominator_deviation,
        coalesce(
            (capped.covariate - centres.covariate_centre) / nullif(centres.covariate_range, 0), 0
        ) as covariate_deviation,
        coalesce(
            (capped.covariate_denominator - centres.covariate_denominator_centre)
            / nullif(centres.covariate_denominator_range, 0),
            0
        ) as covariate_denominator_deviation
    from capped
    inner join centres
        on
            capped.experiment_key = centres.experiment_key
            and capped.metric_key = centres.metric_key
)

select * from final
