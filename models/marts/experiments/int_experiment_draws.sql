{{ config(access='private', schema='intermediate') }}

with

candidates as (select * from {{ ref('int_experiment_candidates') }}),

experiments as (select * from {{ ref('mart_experiments') }}),

arms as (select * from {{ ref('mart_experiment_arms') }}),

hashed as (
    select
        candidates.experiment_key,
        candidates.unit_type,
        candidates.unit_id,
        candidates.segment_id,
        candidates.stratum,
        candidates.lifecycle_stage,
        candidates.loyalty_tier,
        candidates.country_code,
        candidates.preferred_device,
        experiments.layer_key,
        experiments.layer_from,
        experiments.layer_to,
        experiments.priority,
        experiments.enrolment,
        experiments.hash_algorithm,
        experiments.traffic_share,
        {{
            layer_fraction(
                'experiments.hash_algorithm', 'experiments.layer_key', 'candidates.hash_value'
            )
        }} as layer_fraction,
        {{
            arm_fraction(
                'experiments.hash_algorithm', 'experiments.salt', 'candidates.hash_value'
            )
        }} as hash_fraction
    from candidates
    inner join experiments on candidates.experiment_key = experiments.experiment_key
    -- What is planned is judged by its candidates; nobody is assigned yet.
    where experiments.status = 'running' and experiments.assignment_source = 'hashed'
),

in_their_slice as (
    select
        hashed.*,
        case
            -- Of the slice of the arm a stage enrols the lower part: the coverage of GrowthBook.
            when hashed.hash_algorithm = 'growthbook'
                then
                    {{
                        growthbook_takes(
                            'hashed.hash_fraction', 'arms.hash_from', 'arms.weight',
                            'hashed.traffic_share'
                        )
                    }}
            -- Of the slice of the layer.
            else
                (hashed.layer_fraction - hashed.layer_from) / (hashed.layer_to - hashed.layer_from)
                < hashed.traffic_share
        end as is_enrolled
    from hashed
    inner join arms
        on
            hashed.experiment_key = arms.experiment_key
            and hashed.hash_fraction >= arms.hash_from
            and hashed.hash_fraction < arms.hash_to
    where
        hashed.layer_fraction >= hashed.layer_from
        and hashed.layer_fraction < hashed.layer_to
),

final as (
    select
        experiment_key,
        unit_type,
        unit_id,
        segment_id,
        stratum,
        lifecycle_stage,
        loyalty_tier,
        country_code,
        preferred_device,
        layer_key,
        priority,
        enrolment,
        hash_fraction,
        {{ as_of() }} as drawn_at
    from in_their_slice
    where is_enrolled
)

select * from final
