{{ config(access='private', schema='intermediate') }}

with

assignments as (select * from {{ ref('stg_experiments__assignments') }}),

repeats as (select * from {{ ref('stg_experiments__repeated_assignments') }}),

arms as (select * from {{ ref('mart_experiment_arms') }}),

experiments as (
    select * from {{ ref('mart_experiments') }}
    where status <> 'planned' and assignment_source = 'external'
),

identity_map as (select * from {{ ref('int_identity_map') }}),

given as (
    select experiment_key, unit_type, identifier_id, identifier_value, arm_key, assigned_at
    from assignments
    union all
    select experiment_key, unit_type, identifier_id, identifier_value, arm_key, assigned_at
    from repeats
),

unit_arms as (
    -- What the other system said of the customers of today, in all its words.
    select
        given.experiment_key,
        case
            when given.unit_type = 'account' then given.identifier_value
            else identity_map.customer_id
        end as unit_id,
        given.arm_key
    from given
    inner join experiments
        on
            given.experiment_key = experiments.experiment_key
            and given.unit_type = experiments.unit_type
    inner join arms
        on given.experiment_key = arms.experiment_key and given.arm_key = arms.arm_key
    left join identity_map on given.identifier_id = identity_map.identifier_id
    where given.assigned_at < {{ as_of() }}
),

units as (
    select
        experiment_key,
        unit_id,
        min(arm_key) <> max(arm_key) as has_several_arms
    from unit_arms
    where unit_id is not null
    group by experiment_key, unit_id
),

counts as (
    select
        experiments.experiment_key,
        count(units.unit_id) as unit_count,
        count(*) filter (where units.has_several_arms) as several_count
    from experiments
    left join units on experiments.experiment_key = units.experiment_key
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
