{{ config(access='private', schema='intermediate') }}

with

experiments as (
    select * from {{ ref('mart_experiments') }}
    where status <> 'ended'
),

layers as (select * from {{ ref('layers') }}),

experiment_segments as (select * from {{ ref('int_experiment_segments') }}),

memberships as (select * from {{ ref('segment_memberships') }}),

primary_segments as (select * from {{ ref('customer_primary_segments') }}),

barred_people as (select * from {{ ref('int_experiment_barred_customers') }}),

profiles as (
    select * from {{ ref('int_customer_profiles') }}
    where is_targetable
),

attributes as (
    -- What the ledger remembers of a customer, as of today.
    select
        customer_id,
        coalesce(lifecycle_stage, 'unknown') as lifecycle_stage,
        coalesce(loyalty_tier, 'unknown') as loyalty_tier,
        coalesce(country_code, 'unknown') as country_code,
        coalesce(preferred_device, 'unknown') as preferred_device
    from profiles
),

user_ids as (
    select
        customer_id,
        identifier_value as user_id,
        row_number() over (
            partition by customer_id
            order by first_seen_at, identifier_value
        ) as user_id_rank
    from {{ ref('int_identity_map') }}
    where identifier_type = 'user_id'
),

people as (
    select
        experiments.experiment_key,
        memberships.customer_id,
        memberships.segment_id,
        experiment_segments.lookback_days
    from experiments
    inner join experiment_segments
        on experiments.experiment_key = experiment_segments.experiment_key
    inner join memberships on experiment_segments.segment_id = memberships.segment_id
    left join layers on experiments.layer_key = layers.layer_key
    left join primary_segments on memberships.customer_id = primary_segments.customer_id
    where
        experiments.segment_id is not null
        -- In such a layer a customer comes in through one segment only.
        and (
            coalesce(layers.overlap, 'ranges') <> 'primary_segment'
            or memberships.segment_id = primary_segments.segment_id
        )
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

free_people as (
    select people.*
    from people
    left join barred_people
        on
            people.experiment_key = barred_people.experiment_key
            and people.customer_id = barred_people.customer_id
    where barred_people.customer_id is null
),

units as (
    select
        experiments.experiment_key,
        experiments.unit_type,
        case
            when experiments.unit_type = 'account' then profiles.account_id
            else free_people.customer_id
        end as unit_id,
        free_people.segment_id,
        free_people.lookback_days,
        experiments.stratify_by,
        attributes.lifecycle_stage,
        attributes.loyalty_tier,
        attributes.country_code,
        attributes.preferred_device,
        experiments.hash_attribute,
        user_ids.user_id
    from free_people
    inner join experiments on free_people.experiment_key = experiments.experiment_key
    inner join profiles on free_people.customer_id = profiles.customer_id
    -- An account has none of them: its members are no two alike.
    left join attributes
        on experiments.unit_type = 'customer' and free_people.customer_id = attributes.customer_id
    left join user_ids
        on free_people.customer_id = user_ids.customer_id and user_ids.user_id_rank = 1
),

ranked as (
    -- A unit in several of the segments is noted under the one with the narrowest window.
    select
        *,
        case when hash_attribute = 'user_id' then user_id else unit_id end as hash_value,
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
        segment_id,
        case
            when stratify_by = 'segment_id' then coalesce(segment_id, 'unknown')
            when stratify_by = 'lifecycle_stage' then lifecycle_stage
            when stratify_by = 'loyalty_tier' then loyalty_tier
            when stratify_by = 'country_code' then country_code
            when stratify_by = 'preferred_device' then preferred_device
        end as stratum,
        lifecycle_stage,
        loyalty_tier,
        country_code,
        preferred_device,
        hash_value
    from ranked
    where segment_rank = 1 and hash_value is not null
)

select * from final
