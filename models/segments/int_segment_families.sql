{{ config(materialized='table') }}

with

families as (
    {{ segment_family_rows() }}
),

final as (
    select
        family,
        kind,
        description,
        owner,
        purpose,
        signals,
        retention_days,
        min_size,
        max_size,
        priority
    from families
)

select * from final
