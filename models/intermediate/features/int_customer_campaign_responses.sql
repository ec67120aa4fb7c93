with

touches as (select * from {{ ref('int_identifier_touches_daily') }}),

campaigns as (select * from {{ ref('stg_ads__campaigns') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

windows as (
    select * from {{ ref('int_lookback_windows') }}
    where window_use = 'activity'
),

in_window as (
    select
        identity_map.customer_id,
        windows.lookback_days,
        coalesce(campaigns.platform, 'unknown') as channel,
        case
            when campaigns.campaign_id is null then 'unknown'
            when coalesce(campaigns.segment_id, campaigns.experiment_key) is null then 'broadcast'
            else 'triggered'
        end as campaign_type,
        touches.touch_type,
        touches.touch_count,
        touches.last_touched_at
    from touches
    inner join identity_map on touches.identifier_id = identity_map.identifier_id
    inner join windows
        on touches.touch_date >= windows.starts_on and touches.touch_date < windows.ends_before
    left join campaigns on touches.campaign_id = campaigns.campaign_id
    -- Who would have seen an ad and did not had nothing to respond to.
    where touches.touch_type in ('send', 'impression', 'open', 'click')
),

counts as (
    select
        customer_id,
        lookback_days,
        channel,
        campaign_type,
        cast(coalesce(sum(touch_count) filter (
            where touch_type in ('send', 'impression')
        ), 0) as bigint) as delivered_count,
        cast(coalesce(sum(touch_count) filter (where touch_type = 'open'), 0) as bigint)
            as open_count,
        cast(coalesce(sum(touch_count) filter (where touch_type = 'click'), 0) as bigint)
            as click_count,
        max(last_touched_at) filter (where touch_type in ('open', 'click')) as last_responded_at
    from in_window
    group by customer_id, lookback_days, channel, campaign_type
),

responses as (
    -- A click comes after an open, and a message that is opened twice was answered once.
    select
        *,
        least(greatest(open_count, click_count), delivered_count) as responded_count
    from counts
),

averaged as (
    select
        *,
        coalesce(
            sum(responded_count) over (partition by lookback_days, channel, campaign_type)
            / cast(
                nullif(
                    sum(delivered_count)
                        over (partition by lookback_days, channel, campaign_type),
                    0
                )
                as double
            ),
            0
        ) as average_rate
    from responses
),

final as (
    -- As if everybody had had five deliveries more and answered them as the average does.
    select
        customer_id,
        lookback_days,
        channel,
        campaign_type,
        delivered_count,
        open_count,
        click_count,
        responded_count,
        last_responded_at,
        average_rate,
        (responded_count + 5 * average_rate) / (delivered_count + 5) as engagement_rate
    from averaged
)

select * from final
