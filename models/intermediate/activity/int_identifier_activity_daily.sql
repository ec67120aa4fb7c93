{{ config(
    materialized='by_day', meta={'day_column': 'activity_date', 'rows_per_step': 8000000}
) }}

with

events as (select * from {{ ref('stg_web__events') }}),

event_types as (select * from {{ ref('event_types') }}),

pages as (select * from {{ ref('int_pages_daily') }}),

classified as (
    select
        events.identifier_id,
        events.event_date as activity_date,
        events.occurred_at,
        events.value_reporting_amount,
        coalesce(event_types.engagement_type, 'other') as engagement_type,
        coalesce(event_types.engagement_weight, 0) as engagement_weight,
        coalesce(pages.page_type, 'other') as page_type
    from events
    left join event_types on events.event_name = event_types.event_name
    left join pages
        on events.event_date = pages.activity_date and events.page_url = pages.page_url
    where {{ in_days('events.event_date') }}
),

final as (
    select
        identifier_id,
        activity_date,
        engagement_type,
        page_type,
        count(*) as event_count,
        -- Looking at a page is not yet an interaction: that begins at weight 1.
        count(*) filter (where engagement_weight >= 1) as interaction_count,
        {{ stable_sum('engagement_weight') }} as engagement_score,
        coalesce({{ stable_sum('value_reporting_amount') }}, 0) as value_amount,
        min(occurred_at) as first_event_at,
        max(occurred_at) as last_event_at,
        max(occurred_at) filter (where engagement_weight >= 1) as last_interaction_at
    from classified
    group by identifier_id, activity_date, engagement_type, page_type
)

select * from final
