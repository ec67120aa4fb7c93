with

members as (select * from {{ ref('int_segment_pool_members') }}),

pools as (select * from {{ ref('int_segment_pools') }}),

joined as (
    select
        members.*,
        pools.segment_count,
        pools.mean_lift,
        pools.mean_standard_error,
        pools.mean_total_variance,
        pools.tau_squared,
        pools.q_statistic,
        pools.q_p_value,
        pools.i_squared,
        members.standard_error * members.standard_error as variance,
        pools.segment_count - 1 as degrees_of_freedom,
        coalesce(
            members.reason,
            case
                when coalesce(pools.segment_count, 1) < 4 then 'fewer than four segments to pool'
            end
        ) as pooled_reason
    from members
    left join pools
        on
            members.pool_key = pools.pool_key
            and members.metric_key = pools.metric_key
            and members.reason is null
),

shared as (
    -- How much of a segment's distance from the mean is its own error.
    select
        *,
        case when pooled_reason is null then variance / (variance + tau_squared) end as error_share
    from joined
),

shrunk as (
    -- The part of the way to the mean. That share is estimated too, and on average too large: the
    -- factor takes back as much (Morris 1983). Of three segments it leaves nothing.
    select
        *,
        error_share * (segment_count - 3) / (segment_count - 1) as shrinkage,
        {{ normal_quantile('1 - alpha / 2') }} as normal_critical,
        {{ student_t_quantile('1 - alpha / 2', 'degrees_of_freedom') }} as mean_critical
    from shared
),

pooled as (
    -- Morris: the segment's own error, that of the mean, and that of tau.
    select
        *,
        shrinkage * mean_lift + (1 - shrinkage) * raw_lift as pooled_lift,
        normal_critical * sqrt(
            (1 - shrinkage) * variance
            + shrinkage * error_share * mean_standard_error * mean_standard_error
            + 2e0 / greatest(segment_count - 3, 1) * mean_total_variance / (variance + tau_squared)
            * shrinkage * shrinkage * (raw_lift - mean_lift) * (raw_lift - mean_lift)
        ) as pooled_reach,
        mean_critical * mean_standard_error as mean_reach
    from shrunk
),

final as (
    select
        experiment_key,
        arm_key,
        metric_key,
        segment_id,
        pool_key,
        segment_count as pooled_segment_count,
        control_units,
        treatment_units,
        control_mean,
        treatment_mean,
        raw_lift,
        standard_error,
        raw_ci_low,
        raw_ci_high,
        pooled_lift,
        pooled_lift - pooled_reach as pooled_ci_low,
        pooled_lift + pooled_reach as pooled_ci_high,
        shrinkage,
        mean_lift,
        mean_lift - mean_reach as mean_ci_low,
        mean_lift + mean_reach as mean_ci_high,
        tau_squared,
        q_statistic as heterogeneity_statistic,
        q_p_value as heterogeneity_p_value,
        i_squared,
        pooled_reason as reason,
        case
            when pooled_reason is not null then 'No pooled figure: ' || pooled_reason || '.'
            else
                case
                    when tau_squared = 0
                        then
                            'The ' || {{ number_text('segment_count') }}
                            || ' segments differ by no more than chance. '
                    else ''
                end
                || 'Its own figure, ' || {{ signed_text('raw_lift') }} || ', counts '
                || {{ percent_text('1 - shrinkage') }} || ', the mean of '
                || {{ number_text('segment_count') }} || ' segments, '
                || {{ signed_text('mean_lift') }} || ', the rest: '
                || {{ signed_text('pooled_lift') }} || ', from '
                || {{ signed_text('pooled_lift - pooled_reach') }} || ' to '
                || {{ signed_text('pooled_lift + pooled_reach') }} || '. '
                || case
                    when pooled_lift - pooled_reach > 0 then 'Here the metric rises.'
                    when pooled_lift + pooled_reach < 0 then 'Here the metric falls.'
                    else 'Neither an effect here nor its absence is shown.'
                end
        end as reading
    from pooled
)

select * from final
