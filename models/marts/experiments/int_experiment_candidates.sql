{{ config(access='private', schema='intermediate') }}

with

experiments as (
    select * from {{ ref('mart_experiments') }}
    where status = 'running' and assignment_source = 'hashed'
),

experiment_segments as (select * from {{ ref('int_experiment_segments') }}),

memberships as (select * from {{ ref('segment_memberships') }}),

profiles as (
    select * from {{ ref('int_customer_profiles') }}
    where is_targetable
),

people as (
    select
        experiment_segments.experiment_key,
        memberships.customer_id,
        experiment_segments.segment_id,
        experiment_segments.lookback_days
    from experiments
    inner join experiment_segments
        on experiments.experiment_key = experiment_segments.experiment_key
    inner join memberships on experiment_segments.segment_id = memberships.segment_id
    where experiments.segment_id is not null
    union all
    -- No segment: everyone.
    select
        experiments.experiment_key,
        profiles.customer_id,
        cast(null as {{ dbt.type_string() }}) as segment_id,
        cast(null as integer) as lookback_days
    from experiments
    cross join profiles
    where experiments.segment_id is null
),

units as (
    select
        experiments.experiment_key,
        experiments.unit_type,
        case
            when experiments.unit_type = 'account' then profiles.account_id
            else people.customer_id
        end as unit_id,
        people.segment_id,
        people.lookback_days
    from people
    inner join experiments on people.experiment_key = experiments.experiment_key
    inner join profiles on people.customer_id = profiles.customer_id
),

ranked as (
    -- A unit in several of the segments is noted under the one with the narrowest window.
    select
        *,
        row_number() over (
            partition by experiment_key, unit_id
            order by coalesce(lookback_days, 0), segment_id
        ) as segment_rank
    from units
    where unit_id is not null
),

final as (
    select
        experiment_key,
        unit_type,
        unit_id,
        segment_id
    from ranked
    where segment_rank = 1
)

select * from final
