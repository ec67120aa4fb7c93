{{ config(access='private', schema='intermediate') }}

with

units as (select * from {{ ref('int_experiment_units') }}),

experiments as (select * from {{ ref('mart_experiments') }}),

layered_units as (
    select
        units.*,
        experiments.layer_key
    from units
    inner join experiments on units.experiment_key = experiments.experiment_key
    where experiments.layer_key is not null
),

final as (
    -- What the earlier experiment did may still work in the windows of the later one.
    select
        later.experiment_key,
        earlier.experiment_key as earlier_experiment_key,
        earlier.arm_key as earlier_arm_key,
        earlier.is_control as earlier_is_control,
        later.arm_key,
        later.unit_id
    from layered_units as later
    inner join layered_units as earlier
        on
            later.layer_key = earlier.layer_key
            and later.unit_type = earlier.unit_type
            and later.unit_id = earlier.unit_id
            and later.experiment_key <> earlier.experiment_key
            and earlier.assigned_at < later.assigned_at
            and earlier.outcome_ends_at > later.covariate_starts_at
)

select * from final
