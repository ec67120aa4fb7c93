{#- Stands above the ledger: an experiment is checked before it takes a unit. -#}
with

outlooks as (
    select * from {{ ref('int_experiment_outlooks') }}
    where is_launch
),

power as (
    select * from {{ ref('experiment_power') }}
    where is_primary
),

arms as (select * from {{ ref('mart_experiment_arms') }}),

prospects as (select * from {{ ref('int_experiment_prospects') }}),

unit_values as (select * from {{ ref('int_experiment_prospect_values') }}),

proposed as (
    -- Whom the experiment would take, or would have taken, and the arm that each would get.
    select
        prospects.experiment_key,
        prospects.unit_id,
        prospects.arm_key,
        arms.is_control,
        prospects.is_member,
        prospects.baseline_at is not null as is_past
    from outlooks
    inner join prospects on outlooks.experiment_key = prospects.experiment_key
    inner join arms
        on
            prospects.experiment_key = arms.experiment_key
            and prospects.arm_key = arms.arm_key
    where prospects.is_enrolled
),

compared_values as (
    -- Before the launch: what the units did, who would get an arm today and who would have got one.
    select
        proposed.experiment_key,
        proposed.arm_key,
        proposed.is_control,
        unit_values.metric_key,
        unit_values.unit_id,
        case unit_values.period
            when 'latest' then 'covariate_balance' else 'aa_past'
        end as check_name,
        unit_values.metric_value,
        unit_values.divisor_value
    from proposed
    inner join unit_values
        on
            proposed.experiment_key = unit_values.experiment_key
            and proposed.unit_id = unit_values.unit_id
            and (
                (unit_values.period = 'latest' and proposed.is_member)
                or (unit_values.period = 'outcome' and proposed.is_past)
            )
),

totals as (
    select
        experiment_key,
        check_name,
        metric_key,
        count(*) as unit_count,
        {{ stable_sum('metric_value') }} as metric_sum,
        nullif({{ stable_sum('divisor_value') }}, 0) as divisor_sum
    from compared_values
    group by experiment_key, check_name, metric_key
),

linearised as (
    select
        compared_values.experiment_key,
        compared_values.check_name,
        compared_values.metric_key,
        compared_values.arm_key,
        compared_values.is_control,
        {{ linearised_ratio(
            'compared_values.metric_value', 'compared_values.divisor_value',
            'totals.metric_sum', 'totals.divisor_sum', 'totals.unit_count'
        ) }} as deviation
    from compared_values
    inner join totals
        on
            compared_values.experiment_key = totals.experiment_key
            and compared_values.check_name = totals.check_name
            and compared_values.metric_key = totals.metric_key
),

scales as (
    select
        experiment_key,
        check_name,
        metric_key,
        max(abs(deviation)) as scale
    from linearised
    group by experiment_key, check_name, metric_key
),

scaled as (
    -- Between -1 and 1, so that decimals hold the digits of any metric.
    select
        linearised.experiment_key,
        linearised.check_name,
        linearised.metric_key,
        linearised.arm_key,
        linearised.is_control,
        coalesce(linearised.deviation / nullif(scales.scale, 0), 0) as deviation
    from linearised
    inner join scales
        on
            linearised.experiment_key = scales.experiment_key
            and linearised.check_name = scales.check_name
            and linearised.metric_key = scales.metric_key
),

arm_sums as (
    select
        experiment_key,
        check_name,
        metric_key,
        arm_key,
        is_control,
        count(*) as unit_count,
        cast({{ deviation_sum('deviation') }} as double) as deviation_sum,
        cast({{ deviation_sum('deviation * deviation') }} as double) as square_sum
    from scaled
    group by
        experiment_key,
        check_name,
        metric_key,
        arm_key,
        is_control
),

arm_statistics as (
    select
        *,
        deviation_sum / unit_count as arm_mean,
        case
            when unit_count >= 2
                then
                    greatest(square_sum - deviation_sum * deviation_sum / unit_count, 0)
                    / (unit_count - 1)
        end as arm_variance
    from arm_sums
),

pairs as (
    select
        treatment.experiment_key,
        treatment.check_name,
        treatment.metric_key,
        treatment.arm_key,
        control.unit_count as n_c,
        control.arm_mean as mean_c,
        control.arm_variance as var_c,
        treatment.unit_count as n_t,
        treatment.arm_mean as mean_t,
        treatment.arm_variance as var_t
    from arm_statistics as treatment
    inner join arm_statistics as control
        on
            treatment.experiment_key = control.experiment_key
            and treatment.check_name = control.check_name
            and treatment.metric_key = control.metric_key
            and control.is_control
    where not treatment.is_control
),

errors as (
    select
        *,
        (mean_t - mean_c) / nullif(sqrt((var_t + var_c) / 2), 0) as standardised_difference,
        (mean_t - mean_c) / {{ welch_standard_error('var_t', 'n_t', 'var_c', 'n_c') }}
            as t_statistic,
        {{ welch_degrees_of_freedom('var_t', 'n_t', 'var_c', 'n_c') }} as degrees_of_freedom
    from pairs
),

compared as (
    select
        *,
        {{ two_sided_p_value('t_statistic', 'degrees_of_freedom') }} as p_value,
        row_number() over (
            partition by experiment_key, check_name
            order by abs(standardised_difference) desc nulls last, metric_key, arm_key
        ) as difference_rank
    from errors
),

balances as (
    -- The smallest p-value times their number (Bonferroni): true however the metrics hang together.
    select
        experiment_key,
        check_name,
        count(p_value) as comparison_count,
        max(case when difference_rank = 1 then metric_key end) as metric_key,
        max(case when difference_rank = 1 then arm_key end) as arm_key,
        max(case when difference_rank = 1 then standardised_difference end) as statistic,
        max(case when difference_rank = 1 then p_value end) as worst_p_value,
        case when count(p_value) > 0 then least(min(p_value) * count(p_value), 1e0) end as p_value
    from compared
    group by experiment_key, check_name
),

arm_counts as (
    select
        arms.experiment_key,
        arms.arm_key,
        arms.is_control,
        arms.weight,
        count(proposed.unit_id) as unit_count
    from outlooks
    inner join arms on outlooks.experiment_key = arms.experiment_key
    left join proposed
        on
            arms.experiment_key = proposed.experiment_key
            and arms.arm_key = proposed.arm_key
            and proposed.is_member
    where outlooks.assignment_source = 'hashed'
    group by arms.experiment_key, arms.arm_key, arms.is_control, arms.weight
),

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

ratios as (
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

shares as (
    select
        *,
        {{ chi_squared_upper_tail('statistic', 'degrees_of_freedom') }} as p_value
    from ratios
),

comparisons as (
    select 'covariate_balance' as check_name
    union all
    select 'aa_past' as check_name
),

final as (
    select
        power.experiment_key,
        'sample_size' as check_name,
        case
            when power.is_underpowered then 'fail'
            when power.mde_relative is null then 'warn'
            else 'pass'
        end as status,
        power.mde_relative as statistic,
        cast(null as double) as p_value,
        power.reading as detail
    from power
    where power.is_launch
    union all
    select
        outlooks.experiment_key,
        checks.check_name,
        case
            when balances.p_value < 0.001 then 'fail'
            when balances.p_value < 0.05 or balances.p_value is null then 'warn'
            else 'pass'
        end as status,
        balances.statistic,
        balances.p_value,
        coalesce(
            'largest of ' || {{ number_text('balances.comparison_count') }} || ' differences: '
            || balances.metric_key || ' of ' || balances.arm_key || ' against control (p = '
            || {{ decimal_text('balances.worst_p_value', 4) }} || ')',
            'nothing to compare: no units in both arms, or nobody did anything'
        ) as detail
    from outlooks
    cross join comparisons as checks
    left join balances
        on
            outlooks.experiment_key = balances.experiment_key
            and checks.check_name = balances.check_name
    where outlooks.assignment_source = 'hashed'
    union all
    select
        experiment_key,
        'arm_shares' as check_name,
        case
            when unit_count = 0 then 'warn'
            when p_value < 0.001 then 'fail'
            else 'pass'
        end as status,
        statistic,
        p_value,
        case
            when unit_count = 0 then 'today''s members give no unit'
            else 'units by arm, if it began today: ' || counts_text
        end as detail
    from shares
)

select * from final
