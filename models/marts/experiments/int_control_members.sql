{{ config(access='protected', schema='intermediate') }}

with

units as (
    select * from {{ ref('int_experiment_units') }}
    where is_control and outcome_ends_at > {{ as_of() }}
),

unit_customers as (select * from {{ ref('int_experiment_unit_customers') }}),

experiment_segments as (select * from {{ ref('int_experiment_segments') }}),

final as (
    -- distinct, because one person can be in control of two experiments on one segment
    select distinct
        experiment_segments.segment_id,
        unit_customers.customer_id
    from units
    inner join unit_customers
        on
            units.experiment_key = unit_customers.experiment_key
            and units.unit_id = unit_customers.unit_id
    inner join experiment_segments on units.experiment_key = experiment_segments.experiment_key
)

select * from final
