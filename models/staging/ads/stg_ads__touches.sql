{{ config(
    pre_hook="{{ forget_expired_days(ref('base_ads__touches'), 'ads/touches', 'touch_date') }}"
) }}

with touches as (
    select * from {{ ref('base_ads__touches') }}
),

final as (
    select
        touch_date,
        touch_id,
        campaign_id,
        creative_key,
        identifier_type,
        identifier_value,
        identifier_id,
        touch_type,
        touched_at
    from touches
    where reject_reason is null and removal_reason is null
)

select * from final
