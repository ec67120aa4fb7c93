-- A view, because its reader asks it twice: see base_web__checked_events.
{{ config(materialized='view') }}

with checked as (
    select * from {{ ref('base_web__checked_events') }}
),

erased as (
    select * from {{ ref('base_privacy__marked_identifiers') }}
    where source_table = 'web/events' and marks <> 'shared_identifier'
),

-- What the build must not hold is gone here; stg_privacy__removed_rows counts it.
final as (
    select
        event_id,
        event_name,
        occurred_at,
        received_at,
        anonymous_id,
        user_id,
        page_url,
        referrer_url,
        search_query,
        product_id,
        content_id,
        campaign_id,
        device_type,
        quantity,
        value_amount,
        currency_code,
        properties,
        identifier_id,
        unusable_id_count,
        value_reporting_amount,
        reason
    from checked
    where
        not {{ is_erased([
            identifier_id("'user_id'", 'user_id'),
            identifier_id("'anonymous_id'", 'anonymous_id'),
        ]) }}
        and not {{ is_past_retention('web/events', 'occurred_at') }}
)

select * from final
