{{ config(access='private', schema='intermediate') }}

with

comparisons as (
    select * from {{ ref('int_experiment_comparisons') }}
    where population = 'all' and slice = 'all' and stratum like 'stratum:%'
),

weighted as (
    -- A stratum counts by its units in the two arms that are compared; one without any does not.
    select
        *,
        (n_c + n_t) / cast(nullif(sum(n_c + n_t) over (
            partition by experiment_key, arm_key, metric_key
        ), 0) as double) as stratum_share
    from comparisons
),

terms as (
    select
        *,
        stratum_share * stratum_share * outcome_variance_c / nullif(n_c, 0) as variance_term_c,
        stratum_share * stratum_share * outcome_variance_t / nullif(n_t, 0) as variance_term_t
    from weighted
),

scaled as (
    -- Variances in units of the largest, so that their sum keeps its digits in any order.
    select
        *,
        max(greatest(coalesce(variance_term_c, 0), coalesce(variance_term_t, 0))) over (
            partition by experiment_key, arm_key, metric_key
        ) as variance_unit
    from terms
),

shares as (
    select
        *,
        variance_term_c / nullif(variance_unit, 0) as variance_share_c,
        variance_term_t / nullif(variance_unit, 0) as variance_share_t
    from scaled
),

summed as (
    select
        experiment_key,
        arm_key,
        metric_key,
        slice,
        min(alpha) as alpha,
        cast(sum(n_c) as bigint) as n_c,
        cast(sum(n_t) as bigint) as n_t,
        min(case when n_c + n_t > 0 then least(n_c, n_t) end) as smallest_count,
        {{ stable_sum('stratum_share * outcome_mean_c') }} as mean_c,
        {{ stable_sum('stratum_share * outcome_mean_t') }} as mean_t,
        max(variance_unit) as variance_unit,
        cast({{ deviation_sum('variance_share_c') }} as double) as variance_c,
        cast({{ deviation_sum('variance_share_t') }} as double) as variance_t,
        cast({{
            deviation_sum('variance_share_c * variance_share_c / nullif(n_c - 1, 0)')
        }} as double) as square_c,
        cast({{
            deviation_sum('variance_share_t * variance_share_t / nullif(n_t - 1, 0)')
        }} as double) as square_t
    from shares
    group by experiment_key, arm_key, metric_key, slice
),

final as (
    select
        experiment_key,
        arm_key,
        metric_key,
        'poststratified' as method,
        slice,
        alpha,
        n_c,
        n_t,
        case when smallest_count > 0 then mean_c end as mean_c,
        case when smallest_count > 0 then mean_t end as mean_t,
        case when smallest_count > 1 then variance_unit * coalesce(variance_c, 0) end
            as mean_variance_c,
        case when smallest_count > 1 then variance_unit * coalesce(variance_t, 0) end
            as mean_variance_t,
        -- Of an arm that does not vary any number would do.
        coalesce(variance_c * variance_c / nullif(square_c, 0), n_c - 1) as df_c,
        coalesce(variance_t * variance_t / nullif(square_t, 0), n_t - 1) as df_t,
        case
            when smallest_count < 2 then 'a stratum has fewer than two units in an arm'
        end as reason
    from summed
)

select * from final
