{{ config(access='private', schema='intermediate') }}

with

experiments as (
    select * from {{ ref('mart_experiments') }}
    where status <> 'ended'
),

experiment_segments as (select * from {{ ref('int_experiment_segments') }}),

held_out as (select * from {{ ref('int_held_out_customers') }}),

final as (
    -- Held out of all messages, or of one of the segments that the experiment names, whichever they
    -- would come in by.
    select experiments.experiment_key, held_out.customer_id
    from experiments
    inner join held_out on held_out.segment_id is null
    union
    select experiments.experiment_key, held_out.customer_id
    from experiments
    inner join experiment_segments
        on experiments.experiment_key = experiment_segments.experiment_key
    inner join held_out on experiment_segments.segment_id = held_out.segment_id
    where experiments.segment_id is not null
)

select * from final
