{{ config(access='protected', schema='intermediate') }}

with

experiments as (select * from {{ ref('mart_experiments') }}),

segments as (select * from {{ ref('segments') }}),

final as (
    -- An experiment names one segment or a whole family, with all its variants and windows. One
    -- without a segment is about every customer, and so about every segment.
    select
        experiments.experiment_key,
        segments.segment_id,
        segments.lookback_days
    from experiments
    inner join segments
        on
            experiments.segment_id is null
            or experiments.segment_id = segments.segment_id
            or experiments.segment_id = segments.family
)

select * from final
