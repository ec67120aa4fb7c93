-- Which salt splits today's members best? Of every planned experiment, or of one (--vars
-- '{experiment_key: x}'), its own salt and 99 others, <experiment_key>.1 to .99, ranked by the largest
-- difference of an arm and control in a metric's covariate, in standard deviations. Say before you look
-- that you will take rank 1, of how many; write it into `salt` of seeds/experiments.csv before the
-- start (docs/experiments.md, "A better-balanced salt", says what that does to p-values).
-- Run it with: dbt show -s draw_salt --limit 10
with

outlooks as (
    select * from {{ ref('int_experiment_outlooks') }}
    where
        assignment_source = 'hashed'
        and is_launch
        -- There the salt decides too who is in a stage, and other people cannot be compared.
        and (hash_algorithm = 'md5' or planned_share = 1)
        and '{{ var("experiment_key") }}' in ('', experiment_key)
),

arms as (select * from {{ ref('mart_experiment_arms') }}),

prospects as (
    select * from {{ ref('int_experiment_prospects') }}
    where is_member and is_enrolled
),

unit_values as (
    select * from {{ ref('int_experiment_prospect_values') }}
    where period = 'latest'
),

numbers as (
    {{ dbt.generate_series(100) }}
),

salts as (
    select
        outlooks.experiment_key,
        outlooks.hash_algorithm,
        case
            when numbers.generated_number = 100 then outlooks.salt
            else
                outlooks.experiment_key || '.'
                || cast(numbers.generated_number as {{ dbt.type_string() }})
        end as salt,
        numbers.generated_number = 100 as is_present_salt
    from outlooks
    cross join numbers
),

hashed as (
    select
        salts.experiment_key,
        salts.salt,
        salts.is_present_salt,
        prospects.unit_id,
        prospects.stratum,
        {{ arm_fraction('salts.hash_algorithm', 'salts.salt', 'prospects.hash_value') }}
            as hash_fraction
    from salts
    inner join prospects on salts.experiment_key = prospects.experiment_key
),

ranked as (
    select
        *,
        {{ deal_fraction('salt', 'stratum', as_of()) }} as deal_fraction,
        row_number() over (
            partition by experiment_key, salt, stratum
            order by hash_fraction, unit_id
        ) as stratum_rank,
        count(*) over (partition by experiment_key, salt, stratum) as stratum_size
    from hashed
),

drawn as (
    -- Strata are dealt as the ledger would deal them today.
    select
        *,
        case
            when stratum is null then hash_fraction
            else {{ dealt_fraction('stratum_rank', 'deal_fraction', 'stratum_size') }}
        end as arm_fraction
    from ranked
),

arm_statistics as (
    select
        drawn.experiment_key,
        drawn.salt,
        drawn.is_present_salt,
        arms.arm_key,
        arms.is_control,
        unit_values.metric_key,
        count(*) as unit_count,
        -- Of a ratio metric what stands above the line.
        avg(unit_values.metric_value) as metric_mean,
        var_samp(unit_values.metric_value) as metric_variance
    from drawn
    inner join arms
        on
            drawn.experiment_key = arms.experiment_key
            and drawn.arm_fraction >= arms.hash_from
            and drawn.arm_fraction < arms.hash_to
    inner join unit_values
        on
            drawn.experiment_key = unit_values.experiment_key
            and drawn.unit_id = unit_values.unit_id
    group by
        drawn.experiment_key,
        drawn.salt,
        drawn.is_present_salt,
        arms.arm_key,
        arms.is_control,
        unit_values.metric_key
),

differences as (
    select
        treatment.experiment_key,
        treatment.salt,
        treatment.is_present_salt,
        treatment.arm_key,
        treatment.metric_key,
        treatment.unit_count,
        control.unit_count as control_count,
        abs(treatment.metric_mean - control.metric_mean) / nullif(
            sqrt((treatment.metric_variance + control.metric_variance) / 2), 0
        ) as standardised_difference
    from arm_statistics as treatment
    inner join arm_statistics as control
        on
            treatment.experiment_key = control.experiment_key
            and treatment.salt = control.salt
            and treatment.metric_key = control.metric_key
            and control.is_control
    where not treatment.is_control
),

worst as (
    select
        *,
        row_number() over (
            partition by experiment_key, salt
            order by standardised_difference desc nulls last, metric_key, arm_key
        ) as difference_rank
    from differences
),

final as (
    select
        experiment_key,
        row_number() over (
            partition by experiment_key
            order by standardised_difference nulls last, salt
        ) as salt_rank,
        salt,
        is_present_salt,
        standardised_difference as largest_difference,
        metric_key,
        arm_key,
        unit_count,
        control_count
    from worst
    where difference_rank = 1
)

select * from final
order by experiment_key, salt_rank
