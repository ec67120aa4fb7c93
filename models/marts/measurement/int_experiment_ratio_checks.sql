{{ config(access='private', schema='intermediate') }}

with

arm_counts as (select * from {{ ref('int_experiment_arm_counts') }}),

expected as (
    select
        *,
        sum(unit_count) over (partition by experiment_key) * weight
        / sum(weight) over (
            partition by experiment_key
            order by arm_key
            rows between unbounded preceding and unbounded following
        ) as expected_count
    from arm_counts
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
                "arm_key || ' ' || " ~ in_words('unit_count'),
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
)

select * from final
