{{ config(access='private', schema='intermediate') }}

with

assignments as (select * from {{ ref('int_experiment_external_assignments') }}),

experiments as (
    select * from {{ ref('mart_experiments') }}
    where status <> 'planned' and assignment_source = 'external'
),

counts as (
    select
        experiments.experiment_key,
        count(assignments.unit_id) as unit_count,
        count(*) filter (where assignments.is_in_several_arms) as several_count
    from experiments
    left join assignments on experiments.experiment_key = assignments.experiment_key
    group by experiments.experiment_key
),

shared as (
    select
        *,
        {{ share_of('several_count', 'unit_count') }} as statistic
    from counts
),

final as (
    select
        experiment_key,
        'several_assignments' as check_name,
        case when statistic > 0.01 then 'warn' else 'pass' end as status,
        statistic,
        cast(null as double) as p_value,
        'of ' || {{ in_words('unit_count') }} || ' units ' || {{ in_words('several_count') }}
        || ' were given more than one arm by the other system; the first counts ('
        || {{ percent_in_words('statistic') }} || ')' as detail
    from shared
)

select * from final
