with campaigns as (
    select * from {{ ref('base_ads__campaigns') }}
),

final as (
    select
        campaign_id,
        campaign_name,
        platform,
        segment_id,
        experiment_key
    from campaigns
    where reject_reason is null
)

select * from final
