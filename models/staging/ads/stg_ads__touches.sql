with touches as (
    select * from {{ ref('base_ads__touches') }}
),

final as (
    select
        touch_id,
        campaign_id,
        creative_key,
        identifier_type,
        identifier_value,
        identifier_id,
        touch_type,
        touched_at
    from touches
    where reject_reason is null
)

select * from final
