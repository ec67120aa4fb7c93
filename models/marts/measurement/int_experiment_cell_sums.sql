{{ config(access='private', schema='intermediate') }}

with

deviations as (select * from {{ ref('int_experiment_unit_deviations') }}),

final as (
    -- Decimals: the same sums in whatever order the engine adds.
    select
        experiment_key,
        metric_key,
        arm_key,
        segment_id,
        coalesce(stratum, 'unknown') as stratum,
        coalesce(lifecycle_stage, 'not recorded') as lifecycle_stage,
        coalesce(loyalty_tier, 'not recorded') as loyalty_tier,
        coalesce(country_code, 'not recorded') as country_code,
        coalesce(preferred_device, 'not recorded') as preferred_device,
        is_merged_across_arms,
        is_mature,
        count(*) as unit_count,
        count(*) filter (where is_exposed) as exposed_count,
        {{ stable_sum('outcome') }} as outcome_sum,
        max(outcome_range) as outcome_range,
        min(outcome) as outcome_lowest,
        max(outcome) as outcome_highest,
        {{ deviation_sum('outcome_deviation') }} as outcome_deviation_sum,
        {{ deviation_sum('outcome_deviation * outcome_deviation') }}
            as outcome_square_sum,
        {{ stable_sum('denominator') }} as denominator_sum,
        max(denominator_range) as denominator_range,
        min(denominator) as denominator_lowest,
        max(denominator) as denominator_highest,
        {{ deviation_sum('denominator_deviation') }} as denominator_deviation_sum,
        {{ deviation_sum('denominator_deviation * denominator_deviation') }}
            as denominator_square_sum,
        {{ stable_sum('covariate') }} as covariate_sum,
        max(covariate_range) as covariate_range,
        min(covariate) as covariate_lowest,
        max(covariate) as covariate_highest,
        {{ deviation_sum('covariate_deviation') }} as covariate_deviation_sum,
        {{ deviation_sum('covariate_deviation * covariate_deviation') }}
            as covariate_square_sum,
        {{ stable_sum('covariate_denominator') }} as covariate_denominator_sum,
        max(covariate_denominator_range) as covariate_denominator_range,
        min(covariate_denominator) as covariate_denominator_lowest,
        max(covariate_denominator) as covariate_denominator_highest,
        {{ deviation_sum('covariate_denominator_deviation') }}
            as covariate_denominator_deviation_sum,
        {{ deviation_sum('covariate_denominator_deviation * covariate_denominator_deviation') }}
            as covariate_denominator_square_sum,
        {{ deviation_sum('outcome_deviation * denominator_deviation') }}
            as outcome_denominator_product_sum,
        {{ deviation_sum('outcome_deviation * covariate_deviation') }}
            as outcome_covariate_product_sum,
        {{ deviation_sum('outcome_deviation * covariate_denominator_deviation') }}
            as outcome_covariate_denominator_product_sum,
        {{ deviation_sum('denominator_deviation * covariate_deviation') }}
            as denominator_covariate_product_sum,
        {{ deviation_sum('denominator_deviation * covariate_denominator_deviation') }}
            as denominator_covariate_denominator_product_sum,
        {{ deviation_sum('covariate_deviation * covariate_denominator_deviation') }}
            as covariate_covariate_denominator_product_sum,
        {{ deviation_sum('case when is_exposed then outcome_deviation else 0 end') }}
            as exposed_deviation_sum
    from deviations
    group by
        experiment_key,
        metric_key,
        arm_key,
        segment_id,
        coalesce(stratum, 'unknown'),
        coalesce(lifecycle_stage, 'not recorded'),
        coalesce(loyalty_tier, 'not recorded'),
        coalesce(country_code, 'not recorded'),
        coalesce(preferred_device, 'not recorded'),
        is_merged_across_arms,
        is_mature
)

select * from final
