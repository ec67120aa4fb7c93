with

lifts as (
    -- What the ledger holds of a unit since its assignment; nothing that came later.
    select * from {{ ref('int_experiment_slice_lifts') }}
    where dimension in ('{{ var("slice_dimensions") | join("', '") }}')
),

interactions as (select * from {{ ref('int_experiment_slice_interactions') }}),

failures as (select * from {{ ref('int_experiment_failures') }}),

ranked as (
    select
        *,
        count(p_value) over (partition by experiment_key) as comparison_count,
        row_number() over (
            partition by experiment_key
            order by p_value nulls last, dimension, dimension_value, metric_key, arm_key
        ) as p_value_rank
    from lifts
),

adjusted as (
    -- Over all slices, arms and metrics of the experiment.
    select
        *,
        {{ benjamini_hochberg('experiment_key') }} as p_value_adjusted
    from ranked
),

final as (
    select
        adjusted.experiment_key,
        adjusted.arm_key,
        adjusted.metric_key,
        adjusted.dimension,
        adjusted.dimension_value,
        adjusted.control_units,
        adjusted.treatment_units,
        adjusted.control_mean,
        adjusted.treatment_mean,
        adjusted.absolute_lift,
        adjusted.standard_error,
        adjusted.ci_low,
        adjusted.ci_high,
        adjusted.p_value,
        adjusted.p_value_adjusted,
        interactions.slice_count as compared_slice_count,
        interactions.q_statistic as interaction_statistic,
        interactions.p_value as interaction_p_value,
        interactions.p_value_adjusted as interaction_p_value_adjusted,
        adjusted.reason,
        failures.experiment_key is null as is_readable,
        case
            when failures.experiment_key is not null
                then 'Not to be read: a check of experiment_health fails.'
            when adjusted.reason is not null then 'No figure: ' || adjusted.reason || '.'
            else
                'In this slice anything from ' || {{ signed_text('adjusted.ci_low') }} || ' to '
                || {{ signed_text('adjusted.ci_high') }} || ' is possible. '
                || case
                    when interactions.slice_count is null
                        then 'There is no other slice to compare it with.'
                    when interactions.p_value_adjusted <= adjusted.alpha
                        then
                            'The ' || {{ number_text('interactions.slice_count') }}
                            || ' slices differ by more than chance (p '
                            || {{ decimal_text('interactions.p_value_adjusted', 3) }}
                            || '): the lift of all units is a mean of different ones.'
                    else
                        'The ' || {{ number_text('interactions.slice_count') }}
                        || ' slices differ by no more than chance would make them (p '
                        || {{ decimal_text('interactions.p_value_adjusted', 3) }}
                        || '): read the lift of all units.'
                end
        end as reading
    from adjusted
    left join interactions
        on
            adjusted.experiment_key = interactions.experiment_key
            and adjusted.arm_key = interactions.arm_key
            and adjusted.metric_key = interactions.metric_key
            and adjusted.dimension = interactions.dimension
    left join failures on adjusted.experiment_key = failures.experiment_key
)

select * from final
