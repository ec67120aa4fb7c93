{{ config(access='private', schema='intermediate') }}

with

frame_sums as (select * from {{ ref('int_experiment_frame_sums') }}),

final as (
    select
        experiment_key,
        metric_key,
        arm_key,
        is_control,
        population,
        slice,
        stratum,
        unit_count,
        exposed_count,
        outcome_sum / nullif(unit_count, 0) as outcome_mean,
        {{ covariance_from_sums(
            'outcome_square_sum', 'outcome_deviation_sum',
            'outcome_deviation_sum', 'unit_count',
            'outcome_scale * outcome_scale'
        ) }} as outcome_variance,
        denominator_sum / nullif(unit_count, 0) as denominator_mean,
        {{ covariance_from_sums(
            'denominator_square_sum', 'denominator_deviation_sum',
            'denominator_deviation_sum', 'unit_count',
            'denominator_scale * denominator_scale'
        ) }} as denominator_variance,
        covariate_sum / nullif(unit_count, 0) as covariate_mean,
        {{ covariance_from_sums(
            'covariate_square_sum', 'covariate_deviation_sum',
            'covariate_deviation_sum', 'unit_count',
            'covariate_scale * covariate_scale'
        ) }} as covariate_variance,
        covariate_denominator_sum / nullif(unit_count, 0) as covariate_denominator_mean,
        {{ covariance_from_sums(
            'covariate_denominator_square_sum', 'covariate_denominator_deviation_sum',
            'covariate_denominator_deviation_sum', 'unit_count',
            'covariate_denominator_scale * covariate_denominator_scale'
        ) }} as covariate_denominator_variance,
        {{ covariance_from_sums(
            'outcome_denominator_product_sum', 'outcome_deviation_sum',
            'denominator_deviation_sum', 'unit_count',
            'outcome_scale * denominator_scale'
        ) }} as outcome_denominator_covariance,
        {{ covariance_from_sums(
            'outcome_covariate_product_sum', 'outcome_deviation_sum',
            'covariate_deviation_sum', 'unit_count',
            'outcome_scale * covariate_scale'
        ) }} as outcome_covariate_covariance,
        {{ covariance_from_sums(
            'outcome_covariate_denominator_product_sum', 'outcome_deviation_sum',
            'covariate_denominator_deviation_sum', 'unit_count',
            'outcome_scale * covariate_denominator_scale'
        ) }} as outcome_covariate_denominator_covariance,
        {{ covariance_from_sums(
            'denominator_covariate_product_sum', 'denominator_deviation_sum',
            'covariate_deviation_sum', 'unit_count',
            'denominator_scale * covariate_scale'
        ) }} as denominator_covariate_covariance,
        {{ covariance_from_sums(
            'denominator_covariate_denominator_product_sum', 'denominator_deviation_sum',
            'covariate_denominator_deviation_sum', 'unit_count',
            'denominator_scale * covariate_denominator_scale'
        ) }} as denominator_covariate_denominator_covariance,
        {{ covariance_from_sums(
            'covariate_covariate_denominator_product_sum', 'covariate_deviation_sum',
            'covariate_denominator_deviation_sum', 'unit_count',
            'covariate_scale * covariate_denominator_scale'
        ) }} as covariate_covariate_denominator_covariance,
        {{ covariance_from_sums(
            'exposed_deviation_sum', 'outcome_deviation_sum', 'exposed_count', 'unit_count',
            'outcome_scale'
        ) }} as outcome_exposure_covariance
    from frame_sums
)

select * from final
