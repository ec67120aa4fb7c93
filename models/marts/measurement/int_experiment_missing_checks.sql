{{ config(access='private', schema='intermediate') }}

with

arm_counts as (select * from {{ ref('int_experiment_arm_counts') }}),

totals as (
    select
        *,
        erased_count + empty_count as missing_count,
        sum(unit_count) over (partition by experiment_key) as total_count,
        sum(erased_count + empty_count) over (partition by experiment_key) as total_missing_count
    from arm_counts
),

expected as (
    select
        *,
        missing_count
        - unit_count * total_missing_count / cast(nullif(total_count, 0) as double) as surplus,
        unit_count * cast(total_missing_count as double) * (total_count - total_missing_count)
        / nullif(total_count, 0) / nullif(total_count, 0) as spread
    from totals
),

counted as (
    -- Lost and kept units of an arm differ from what is expected by the same number, so that one
    -- term an arm holds both: surplus^2 (1 / expected lost + 1 / expected kept).
    select
        experiment_key,
        sum(unit_count) as unit_count,
        sum(missing_count) as missing_count,
        {{ stable_sum('surplus * surplus / nullif(spread, 0)') }} as chi_squared,
        count(*) filter (where unit_count > 0) - 1 as degrees_of_freedom,
        {{
            dbt.listagg(
                "arm_key || ' ' || " ~ in_words('erased_count')
                ~ " || ' erased and ' || " ~ in_words('empty_count')
                ~ " || ' without a member of ' || " ~ in_words('unit_count'),
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
        {{ share_of('missing_count', 'unit_count') }} as statistic,
        {{ chi_squared_upper_tail('chi_squared', 'degrees_of_freedom') }} as p_value
    from counted
),

final as (
    select
        experiment_key,
        'missing' as check_name,
        case when statistic > 0.05 or p_value < 0.01 then 'warn' else 'pass' end as status,
        statistic,
        p_value,
        'units that left the data: ' || counts_text as detail
    from tested
)

select * from final
