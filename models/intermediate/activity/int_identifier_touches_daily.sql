with

touches as (select * from {{ ref('stg_ads__touches') }}),

final as (
    select
        identifier_id,
        cast(touched_at as date) as touch_date,
        coalesce(campaign_id, 'unknown') as campaign_id,
        touch_type,
        count(*) as touch_count,
        min(touched_at) as first_touched_at,
        max(touched_at) as last_touched_at
    from touches
    where touched_at < {{ as_of() }}
    group by
        identifier_id,
        cast(touched_at as date),
        coalesce(campaign_id, 'unknown'),
        touch_type
)

select * from final
