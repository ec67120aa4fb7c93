{{ config(access='private', schema='intermediate') }}

with

balance as (select * from {{ ref('int_experiment_covariate_balance') }}),

experiments as (
    select * from {{ ref('mart_experiments') }}
    where status <> 'planned'
),

summaries as (
    -- Of so many comparisons one comes out small by chance: Bonferroni asks for that many times less.
    select
        experiment_key,
        max(abs(standardised_difference)) as statistic,
        least(min(p_value) * count(p_value), 1) as p_value,
        {{
            dbt.listagg(
                "metric_key || ' ' || arm_key || ' ' || "
                ~ in_words('round(abs(standardised_difference), 3)'),
                "', '",
                'order by metric_key, arm_key'
            )
        }} as differences_text
    from balance
    where standardised_difference is not null
    group by experiment_key
),

final as (
    select
        experiments.experiment_key,
        'covariate_balance' as check_name,
        case
            when summaries.p_value < 0.001 then 'fail'
            when summaries.p_value < 0.01 then 'warn'
            else 'pass'
        end as status,
        summaries.statistic,
        summaries.p_value,
        case
            when summaries.experiment_key is null then 'no covariate varies in two arms'
            else 'standardised differences from control: ' || summaries.differences_text
        end as detail
    from experiments
    left join summaries on experiments.experiment_key = summaries.experiment_key
)

select * from final
