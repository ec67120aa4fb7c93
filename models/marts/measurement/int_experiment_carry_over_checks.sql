{{ config(access='private', schema='intermediate') }}

with

carry_over as (select * from {{ ref('int_experiment_carry_over') }}),

units as (select * from {{ ref('int_experiment_units') }}),

experiments as (
    select * from {{ ref('mart_experiments') }}
    where status <> 'planned' and layer_key is not null
),

unit_counts as (
    select experiment_key, count(*) as unit_count
    from units
    group by experiment_key
),

carried_counts as (
    select experiment_key, count(distinct unit_id) as carried_count
    from carry_over
    group by experiment_key
),

cells as (
    select
        experiment_key,
        earlier_experiment_key,
        earlier_arm_key,
        earlier_is_control,
        arm_key,
        count(*) as unit_count
    from carry_over
    group by
        experiment_key,
        earlier_experiment_key,
        earlier_arm_key,
        earlier_is_control,
        arm_key
),

margins as (
    select
        *,
        sum(unit_count) over (
            partition by experiment_key, earlier_experiment_key
        ) as table_count,
        sum(unit_count) over (
            partition by experiment_key, earlier_experiment_key, earlier_arm_key
        ) as earlier_arm_count,
        sum(unit_count) over (
            partition by experiment_key, earlier_experiment_key, arm_key
        ) as arm_count
    from cells
),

tables as (
    -- Pearson's chi-squared of earlier against present arm. An empty cell adds nothing to this form.
    select
        experiment_key,
        earlier_experiment_key,
        max(table_count) * ({{
            stable_sum(
                'unit_count * cast(unit_count as double) / earlier_arm_count / arm_count'
            )
        }} - 1) as chi_squared,
        (count(distinct earlier_arm_key) - 1) * (count(distinct arm_key) - 1)
            as degrees_of_freedom
    from margins
    group by experiment_key, earlier_experiment_key
),

tests as (
    -- Chi-squareds of several earlier experiments add up, and so do their degrees of freedom.
    select
        experiment_key,
        {{ stable_sum('greatest(chi_squared, 0)') }} as chi_squared,
        cast(sum(degrees_of_freedom) as bigint) as degrees_of_freedom
    from tables
    group by experiment_key
),

earlier_arms as (
    select
        experiment_key,
        earlier_experiment_key,
        earlier_arm_key,
        earlier_is_control,
        sum(unit_count) as unit_count
    from cells
    group by experiment_key, earlier_experiment_key, earlier_arm_key, earlier_is_control
),

descriptions as (
    select
        experiment_key,
        {{
            dbt.listagg(
                "earlier_experiment_key || ' ' || earlier_arm_key || ' ' || "
                ~ in_words('unit_count'),
                "', '",
                'order by earlier_experiment_key, earlier_is_control desc, earlier_arm_key'
            )
        }} as counts_text
    from earlier_arms
    group by experiment_key
),

counted as (
    select
        experiments.experiment_key,
        coalesce(unit_counts.unit_count, 0) as unit_count,
        coalesce(carried_counts.carried_count, 0) as carried_count,
        descriptions.counts_text,
        tests.chi_squared,
        tests.degrees_of_freedom
    from experiments
    left join unit_counts on experiments.experiment_key = unit_counts.experiment_key
    left join carried_counts on experiments.experiment_key = carried_counts.experiment_key
    left join descriptions on experiments.experiment_key = descriptions.experiment_key
    left join tests on experiments.experiment_key = tests.experiment_key
),

tested as (
    select
        *,
        {{ share_of('carried_count', 'unit_count') }} as statistic,
        {{ chi_squared_upper_tail('chi_squared', 'degrees_of_freedom') }} as p_value
    from counted
),

final as (
    select
        experiment_key,
        'carry_over' as check_name,
        case when p_value < 0.01 then 'warn' else 'pass' end as status,
        statistic,
        p_value,
        'of ' || {{ in_words('unit_count') }} || ' units ' || {{ in_words('carried_count') }}
        || ' were in an earlier experiment of the layer whose window reaches into theirs ('
        || {{ percent_in_words('statistic') }} || ')' || coalesce(': ' || counts_text, '')
            as detail
    from tested
)

select * from final
