{{ config(access='private', schema='intermediate') }}

with

lifts as (
    select
        experiment_key,
        arm_key,
        metric_key,
        dimension,
        absolute_lift,
        standard_error * standard_error as variance
    from {{ ref('int_experiment_slice_lifts') }}
    where
        standard_error is not null
        and dimension in ('{{ var("slice_dimensions") | join("', '") }}')
),

bounds as (
    select
        *,
        min(variance) over (
            partition by experiment_key, arm_key, metric_key, dimension
        ) as smallest_variance,
        min(absolute_lift) over (
            partition by experiment_key, arm_key, metric_key, dimension
        ) as lowest_lift,
        max(absolute_lift) over (
            partition by experiment_key, arm_key, metric_key, dimension
        ) as highest_lift
    from lifts
),

placed as (
    -- Weights against the heaviest, places within the range: sums that do not depend on the order.
    select
        *,
        smallest_variance / variance as weight,
        coalesce(
            (absolute_lift - lowest_lift) / nullif(highest_lift - lowest_lift, 0), 0
        ) as place
    from bounds
),

weighed as (
    select
        *,
        cast({{ deviation_sum(
            'weight', over='partition by experiment_key, arm_key, metric_key, dimension'
        ) }} as double) as weight_sum,
        cast({{ deviation_sum(
            'weight * place', over='partition by experiment_key, arm_key, metric_key, dimension'
        ) }} as double) as weighted_place_sum
    from placed
),

centred as (
    select
        *,
        place - weighted_place_sum / weight_sum as deviation
    from weighed
),

spreads as (
    -- Cochran's Q: one effect in all slices is what is asked about.
    select
        experiment_key,
        arm_key,
        metric_key,
        dimension,
        count(*) as slice_count,
        count(*) - 1 as degrees_of_freedom,
        cast({{ deviation_sum('weight * deviation * deviation') }} as double)
        * power(max(highest_lift - lowest_lift), 2) / max(smallest_variance) as q_statistic
    from centred
    group by experiment_key, arm_key, metric_key, dimension
    having count(*) > 1
),

tested as (
    select
        *,
        {{ heterogeneity_p_value('q_statistic', 'degrees_of_freedom') }} as p_value
    from spreads
),

ranked as (
    select
        *,
        count(*) over (partition by experiment_key) as comparison_count,
        row_number() over (
            partition by experiment_key
            order by p_value nulls last, dimension, metric_key, arm_key
        ) as p_value_rank
    from tested
),

final as (
    -- Over all dimensions, arms and metrics of the experiment.
    select
        experiment_key,
        arm_key,
        metric_key,
        dimension,
        slice_count,
        q_statistic,
        p_value,
        {{ benjamini_hochberg('experiment_key') }} as p_value_adjusted
    from ranked
)

select * from final
