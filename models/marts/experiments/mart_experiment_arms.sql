-- Of an experiment that has units a changed plan is refused before anything is made of it:
-- depends_on: {{ ref('int_experiment_plan_changes') }}
{{ config(alias='experiment_arms') }}

with

arms as (select * from {{ ref('experiment_arms') }}),

sliced as (
    -- Arms lie side by side on [0, 1), control first, each as wide as its weight.
    select
        experiment_key,
        arm_key,
        is_control,
        weight,
        creative_key,
        sum(weight) over (
            partition by experiment_key
            order by is_control desc, arm_key
            rows between unbounded preceding and current row
        ) as hash_to,
        row_number() over (
            partition by experiment_key
            order by is_control, arm_key desc
        ) as rank_from_last
    from arms
),

final as (
    -- The last slice ends at 1 exactly, whatever the floating-point sum of the weights says.
    select
        experiment_key,
        arm_key,
        is_control,
        weight,
        creative_key,
        coalesce(
            lag(hash_to) over (
                partition by experiment_key
                order by rank_from_last desc
            ),
            0
        ) as hash_from,
        case when rank_from_last = 1 then 1 else hash_to end as hash_to
    from sliced
)

select * from final
