{{ config(access='protected', schema='intermediate') }}

with

experiments as (
    select * from {{ ref('mart_experiments') }}
    where status <> 'ended'
),

stages as (select * from {{ ref('experiment_stages') }}),

arms as (select * from {{ ref('mart_experiment_arms') }}),

earlier_units as (select * from {{ ref('int_experiment_earlier_units') }}),

shares as (
    -- Enrolment is nested: the largest share so far, and the largest that is planned, say who is in.
    select
        stages.experiment_key,
        max(stages.traffic_share) filter (where stages.starts_at <= {{ as_of() }}) as reached_share,
        max(stages.traffic_share) as planned_share
    from stages
    inner join experiments on stages.experiment_key = experiments.experiment_key
    where stages.starts_at < coalesce(experiments.ends_at, cast('9999-12-31' as timestamp))
    group by stages.experiment_key
),

ranked_arms as (
    select
        experiment_key,
        arm_key,
        is_control,
        weight,
        sum(weight) over (
            partition by experiment_key
            order by arm_key
            rows between unbounded preceding and unbounded following
        ) as total_weight,
        row_number() over (
            partition by experiment_key
            order by is_control, weight, arm_key
        ) as size_rank
    from arms
),

compared_arms as (
    -- Of several treatments the one that gets the fewest units shows the least.
    select
        experiment_key,
        max(case when size_rank = 1 and not is_control then arm_key end) as arm_key,
        max(case when size_rank = 1 and not is_control then weight / total_weight end)
            as treatment_share,
        max(case when is_control then weight / total_weight end) as control_share
    from ranked_arms
    group by experiment_key
),

assigned as (
    select experiment_key, sum(unit_count) as unit_count
    from earlier_units
    group by experiment_key
),

final as (
    select
        experiments.experiment_key,
        experiments.status,
        experiments.unit_type,
        experiments.segment_id,
        experiments.assignment_source,
        experiments.enrolment,
        experiments.layer_key,
        coalesce(experiments.layer_from, 0) as layer_from,
        coalesce(experiments.layer_to, 1) as layer_to,
        experiments.hash_algorithm,
        experiments.salt,
        experiments.outcome_window_days,
        experiments.covariate_window_days,
        coalesce(shares.planned_share, experiments.traffic_share, 1) as planned_share,
        case
            when experiments.status = 'planned' then 0
            else coalesce(shares.reached_share, experiments.traffic_share, 1)
        end as reached_share,
        cast({{ dbt.datediff(
            'greatest(experiments.starts_at, ' ~ as_of() ~ ')', 'experiments.ends_at', 'day'
        ) }} as bigint) as days_left,
        compared_arms.arm_key,
        compared_arms.control_share,
        compared_arms.treatment_share,
        cast(coalesce(assigned.unit_count, 0) as bigint) as assigned_units,
        coalesce(assigned.unit_count, 0) = 0 as is_launch
    from experiments
    left join shares on experiments.experiment_key = shares.experiment_key
    left join compared_arms on experiments.experiment_key = compared_arms.experiment_key
    left join assigned on experiments.experiment_key = assigned.experiment_key
)

select * from final
