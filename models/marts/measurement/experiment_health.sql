with

assignments as (
    select * from {{ ref('experiment_assignments') }}
    where assigned_at <= {{ as_of() }}
),

merged_units as (select * from {{ ref('int_experiment_merges') }}),

ledger_log as (select * from {{ ref('int_experiment_ledger_log') }}),

experiments as (
    select * from {{ ref('mart_experiments') }}
    where status <> 'planned'
),

arms as (select * from {{ ref('mart_experiment_arms') }}),

randomised as (
    select experiment_key, arm_key, count(*) as unit_count
    from assignments
    group by experiment_key, arm_key
    union all
    select experiment_key, arm_key, -unit_count as unit_count
    from ledger_log
    where cause = 'erased'
),

arm_counts as (
    -- Units as they were randomised: what merged later was still drawn once for each, and who was
    -- erased since was drawn.
    select experiment_key, arm_key, sum(unit_count) as unit_count
    from randomised
    group by experiment_key, arm_key
),

observed as (
    select
        experiments.experiment_key,
        arms.arm_key,
        arms.is_control,
        arms.weight,
        coalesce(arm_counts.unit_count, 0) as unit_count,
        sum(coalesce(arm_counts.unit_count, 0)) over (
            partition by experiments.experiment_key
        ) as total_count,
        sum(arms.weight) over (
            partition by experiments.experiment_key
            order by arms.arm_key
            rows between unbounded preceding and unbounded following
        ) as total_weight
    from experiments
    inner join arms on experiments.experiment_key = arms.experiment_key
    left join arm_counts
        on
            arms.experiment_key = arm_counts.experiment_key
            and arms.arm_key = arm_counts.arm_key
),

expected as (
    select
        *,
        total_count * weight / total_weight as expected_count
    from observed
),

ratio as (
    select
        experiment_key,
        sum(unit_count) as unit_count,
        {{
            stable_sum(
                '(unit_count - expected_count) * (unit_count - expected_count)'
                ~ ' / nullif(expected_count, 0)'
            )
        }} as statistic,
        count(*) - 1 as degrees_of_freedom,
        {{
            dbt.listagg(
                "arm_key || ' ' || cast(unit_count as " ~ dbt.type_string() ~ ")",
                "', '",
                'order by is_control desc, arm_key'
            )
        }} as counts_text
    from expected
    group by experiment_key
),

tested as (
    select
        *,
        {{ chi_squared_upper_tail('statistic', 'degrees_of_freedom') }} as p_value
    from ratio
),

final as (
    select
        experiment_key,
        'sample_ratio' as check_name,
        case
            when unit_count = 0 then 'warn'
            when p_value < 0.001 then 'fail'
            else 'pass'
        end as status,
        statistic,
        p_value,
        case
            when unit_count = 0 then 'no unit has been assigned yet'
            else 'units by arm: ' || counts_text
        end as detail
    from tested
    union all
    select
        experiment_key,
        'merged_units' as check_name,
        case when merged_across_count > 0 then 'warn' else 'pass' end as status,
        merged_across_share as statistic,
        null as p_value,
        'of ' || cast(unit_count as {{ dbt.type_string() }}) || ' units '
        || cast(merged_within_count as {{ dbt.type_string() }}) || ' stand for several of one arm'
        || ' and ' || cast(merged_across_count as {{ dbt.type_string() }})
        || ' for units of different arms ('
        || cast(round(100 * coalesce(merged_across_share, 0), 2) as {{ dbt.type_string() }})
        || ' %)' as detail
    from merged_units
)

select * from final
