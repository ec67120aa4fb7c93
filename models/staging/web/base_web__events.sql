{{ config(materialized='table') }}
{% set columns = [
    'event_id', 'event_name', 'occurred_at', 'received_at', 'anonymous_id', 'user_id', 'page_url',
    'referrer_url', 'search_query', 'product_id', 'content_id', 'campaign_id', 'device_type',
    'quantity', 'value_amount', 'currency_code', 'properties',
] %}

-- Only keys that repeat are ranked: a window over every wide row of a large table costs several
-- times the rest. For the same reason no CTE imports the view: one used twice would be kept.
with repeated_keys as (
    select event_id
    from {{ ref('base_web__checked_events') }}
    group by event_id
    having count(*) > 1
),

-- The delivery that was received first counts. One that is refused for another reason takes no
-- part.
ranked as (
    select
        checked.*,
        row_number() over (
            partition by checked.event_id, checked.reason is null
            order by
                checked.received_at asc nulls last,
                {{ row_json(columns, 'checked') }} asc,
                checked.unusable_id_count asc
        ) as copy_number
    from {{ ref('base_web__checked_events') }} as checked
    inner join repeated_keys
        on checked.event_id = repeated_keys.event_id
),

unrepeated as (
    select
        checked.*,
        1 as copy_number
    from {{ ref('base_web__checked_events') }} as checked
    where
        not exists (
            select 1
            from repeated_keys
            where repeated_keys.event_id = checked.event_id
        )
),

copies as (
    select * from unrepeated
    union all
    select * from ranked
),

decided as (
    select
        *,
        {{ row_key(['event_id']) }} as row_key,
        case
            when reason is not null then reason
            when copy_number > 1 then 'duplicate_delivery'
        end as reject_reason
    from copies
),

final as (
    select
        event_id,
        event_name,
        occurred_at,
        received_at,
        anonymous_id,
        user_id,
        identifier_id,
        unusable_id_count,
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
        value_reporting_amount,
        properties,
        row_key,
        reject_reason,
        case when reject_reason is not null then {{ row_json(columns) }} end as row_json
    from decided
)

select * from final
