-- A view, because its reader asks it twice: see base_ads__checked_touches.
{{ config(materialized='view') }}

with checked as (
    select * from {{ ref('base_ads__checked_touches') }}
),

erased as (
    select * from {{ ref('base_privacy__marked_identifiers') }}
    where source_table = 'ads/touches' and marks <> 'shared_identifier'
),

-- What the build must not hold is gone here; stg_privacy__removed_rows counts it.
final as (
    select
        touch_id,
        campaign_id,
        creative_key,
        identifier_type,
        identifier_value,
        touch_type,
        touched_at,
        identifier_id,
        reason
    from checked
    where
        not {{ is_erased(['identifier_id']) }}
        and not {{ is_past_retention('ads/touches', 'touched_at') }}
)

select * from final
