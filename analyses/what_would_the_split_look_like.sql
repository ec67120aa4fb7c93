-- What would the split look like, if it began today? Units by arm and stratum of every experiment that
-- has none yet, or of one: dbt show -s what_would_the_split_look_like --vars '{experiment_key: x}'.
-- Held-out units and those outside its slice are left out; who is still in another experiment of the
-- layer counts here, since that may have ended by then.
-- Run it with: dbt show -s what_would_the_split_look_like --limit 50
with

outlooks as (
    select * from {{ ref('int_experiment_outlooks') }}
    where
        experiment_key = '{{ var("experiment_key") }}'
        or (is_launch and '{{ var("experiment_key") }}' = '')
),

arms as (select * from {{ ref('mart_experiment_arms') }}),

prospects as (
    select * from {{ ref('int_experiment_prospects') }}
    where is_member and is_enrolled
),

enrolled as (
    select
        prospects.experiment_key,
        prospects.arm_key,
        coalesce(prospects.stratum, 'all') as stratum,
        count(*) as unit_count
    from prospects
    inner join outlooks on prospects.experiment_key = outlooks.experiment_key
    group by
        prospects.experiment_key,
        prospects.arm_key,
        coalesce(prospects.stratum, 'all')
),

final as (
    select
        enrolled.experiment_key,
        outlooks.unit_type,
        enrolled.stratum,
        arms.arm_key,
        arms.is_control,
        arms.weight,
        enrolled.unit_count,
        enrolled.unit_count / cast(
            sum(enrolled.unit_count) over (
                partition by enrolled.experiment_key, enrolled.stratum
            ) as double
        ) as share
    from enrolled
    inner join outlooks on enrolled.experiment_key = outlooks.experiment_key
    inner join arms
        on enrolled.experiment_key = arms.experiment_key and enrolled.arm_key = arms.arm_key
)

select * from final
order by experiment_key, stratum, is_control desc, arm_key
