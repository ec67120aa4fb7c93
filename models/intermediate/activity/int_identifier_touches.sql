{{ config(materialized='view') }}

with

touches as (select * from {{ ref('stg_ads__touches') }}),

final as (
    select
        touch_date,
        touch_id,
        identifier_id,
        coalesce(campaign_id, 'unknown') as campaign_id,
        touch_type,
        touched_at
    from touches
    where
        touch_type <> 'would_be_impression'
        and touch_date < cast({{ as_of() }} as date)
        and touch_date >= cast(
            {{ attribution_starts_at(days_before=var('attribution_lookback_days')) }} as date
        )
)

select * from final
