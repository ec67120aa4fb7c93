{{ config(access='private', schema='intermediate') }}

with

members as (
    select
        pool_key,
        metric_key,
        raw_lift,
        standard_error * standard_error as variance
    from {{ ref('int_segment_pool_members') }}
    where reason is null
),

bounds as (
    select
        pool_key,
        metric_key,
        count(*) as segment_count,
        min(variance) as smallest_variance,
        min(raw_lift) as lowest_lift,
        max(raw_lift) - min(raw_lift) as lift_range
    from members
    group by pool_key, metric_key
),

placed as (
    -- Weights against the heaviest, places within the range: between 0 and 1, so that their sums are
    -- the same in whatever order an engine adds.
    select
        members.*,
        bounds.segment_count,
        bounds.smallest_variance,
        bounds.lowest_lift,
        bounds.lift_range,
        bounds.smallest_variance / members.variance as weight,
        coalesce((members.raw_lift - bounds.lowest_lift) / nullif(bounds.lift_range, 0), 0) as place
    from members
    inner join bounds
        on members.pool_key = bounds.pool_key and members.metric_key = bounds.metric_key
),

weighed as (
    -- As if all segments had one effect.
    select
        pool_key,
        metric_key,
        cast({{ deviation_sum('weight') }} as double) as weight_sum,
        cast({{ deviation_sum('weight * weight') }} as double) as weight_square_sum,
        cast({{ deviation_sum('weight * place') }} as double) as weighted_place_sum
    from placed
    group by pool_key, metric_key
),

spreads as (
    select
        placed.pool_key,
        placed.metric_key,
        max(placed.segment_count - 1) as degrees_of_freedom,
        max(
            (weighed.weight_sum - weighed.weight_square_sum / weighed.weight_sum)
            / placed.smallest_variance
        ) as weight_excess,
        max(placed.lift_range * placed.lift_range / placed.smallest_variance)
        * cast({{ deviation_sum(
            'placed.weight'
            ~ ' * (placed.place - weighed.weighted_place_sum / weighed.weight_sum)'
            ~ ' * (placed.place - weighed.weighted_place_sum / weighed.weight_sum)'
        ) }} as double) as q_statistic
    from placed
    inner join weighed
        on placed.pool_key = weighed.pool_key and placed.metric_key = weighed.metric_key
    where placed.segment_count > 1
    group by placed.pool_key, placed.metric_key
),

heterogeneous as (
    -- DerSimonian and Laird: what is left of the spread once chance has had its share.
    select
        *,
        greatest((q_statistic - degrees_of_freedom) / weight_excess, 0) as tau_squared
    from spreads
),

reweighed as (
    select
        placed.pool_key,
        placed.metric_key,
        placed.place,
        placed.lowest_lift,
        placed.lift_range,
        placed.smallest_variance + heterogeneous.tau_squared as smallest_total,
        (placed.smallest_variance + heterogeneous.tau_squared)
        / (placed.variance + heterogeneous.tau_squared) as weight
    from placed
    inner join heterogeneous
        on
            placed.pool_key = heterogeneous.pool_key
            and placed.metric_key = heterogeneous.metric_key
),

means as (
    select
        pool_key,
        metric_key,
        max(smallest_total) as smallest_total,
        cast({{ deviation_sum('weight') }} as double) as weight_sum,
        cast({{ deviation_sum('weight * place') }} as double) as weighted_place_sum
    from reweighed
    group by pool_key, metric_key
),

remainders as (
    -- How far the segments lie from the mean, against what their errors and tau say: at most 1 is
    -- what was expected.
    select
        reweighed.pool_key,
        reweighed.metric_key,
        max(reweighed.lowest_lift) as lowest_lift,
        max(reweighed.lift_range) as lift_range,
        max(reweighed.lift_range * reweighed.lift_range / reweighed.smallest_total)
        * cast({{ deviation_sum(
            'reweighed.weight'
            ~ ' * (reweighed.place - means.weighted_place_sum / means.weight_sum)'
            ~ ' * (reweighed.place - means.weighted_place_sum / means.weight_sum)'
        ) }} as double) as remainder
    from reweighed
    inner join means
        on reweighed.pool_key = means.pool_key and reweighed.metric_key = means.metric_key
    group by reweighed.pool_key, reweighed.metric_key
),

final as (
    select
        heterogeneous.pool_key,
        heterogeneous.metric_key,
        heterogeneous.degrees_of_freedom + 1 as segment_count,
        heterogeneous.tau_squared,
        heterogeneous.q_statistic,
        {{ heterogeneity_p_value(
            'heterogeneous.q_statistic', 'heterogeneous.degrees_of_freedom'
        ) }} as q_p_value,
        case
            when heterogeneous.q_statistic > heterogeneous.degrees_of_freedom
                then 1 - heterogeneous.degrees_of_freedom / heterogeneous.q_statistic
            else 0
        end as i_squared,
        remainders.lowest_lift
        + remainders.lift_range * means.weighted_place_sum / means.weight_sum as mean_lift,
        (heterogeneous.degrees_of_freedom + 1) * means.smallest_total / means.weight_sum
            as mean_total_variance,
        sqrt(
            means.smallest_total / means.weight_sum
            * greatest(remainders.remainder / heterogeneous.degrees_of_freedom, 1)
        ) as mean_standard_error
    from heterogeneous
    inner join means
        on
            heterogeneous.pool_key = means.pool_key
            and heterogeneous.metric_key = means.metric_key
    inner join remainders
        on
            heterogeneous.pool_key = remainders.pool_key
            and heterogeneous.metric_key = remainders.metric_key
)

select * from final
