{{ config(access='protected', schema='intermediate') }}

with

experiments as (select * from {{ ref('mart_experiments') }}),

units as (
    select * from {{ ref('int_experiment_units') }}
    where is_control and outcome_ends_at > {{ as_of() }}
),

unit_customers as (select * from {{ ref('int_experiment_unit_customers') }}),

segments as (select * from {{ ref('segments') }}),

final as (
    -- distinct, because one person can be in control of two experiments on one segment
    select distinct
        segments.segment_id,
        unit_customers.customer_id
    from units
    inner join unit_customers
        on
            units.experiment_key = unit_customers.experiment_key
            and units.unit_id = unit_customers.unit_id
    inner join experiments on units.experiment_key = experiments.experiment_key
    inner join segments
        on
            experiments.segment_id is null
            or experiments.segment_id = segments.segment_id
            or experiments.segment_id = segments.family
)

select * from final
