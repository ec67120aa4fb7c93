{{ config(
    materialized='by_day', meta={'day_column': 'touch_date', 'rows_per_step': 8000000}
) }}

with

touches as (select * from {{ ref('stg_ads__touches') }}),

final as (
    select
        identifier_id,
        touch_date,
        coalesce(campaign_id, 'unknown') as campaign_id,
        coalesce(creative_key, 'unknown') as creative_key,
        touch_type,
        count(*) as touch_count,
        min(touched_at) as first_touched_at,
        max(touched_at) as last_touched_at
    from touches
    where {{ in_days('touch_date') }}
    group by
        identifier_id,
        touch_date,
        coalesce(campaign_id, 'unknown'),
        coalesce(creative_key, 'unknown'),
        touch_type
)

select * from final
