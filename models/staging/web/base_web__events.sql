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
    from {{ ref('base_web__kept_events') }}
    group by event_id
    having count(*) > 1
),

-- The delivery that was received first counts. One that is refused for another reason takes no
-- part.
ranked as (
    select
        kept.*,
        row_number() over (
            partition by kept.event_id, kept.reason is null
            order by
                kept.received_at asc nulls last,
                {{ row_json(columns, 'kept') }} asc,
                kept.unusable_id_count asc
        ) as copy_number
    from {{ ref('base_web__kept_events') }} as kept
    inner join repeated_keys
        on kept.event_id = repeated_keys.event_id
),

unrepeated as (
    select
        kept.*,
        1 as copy_number
    from {{ ref('base_web__kept_events') }} as kept
    where
        not exists (
            select 1
            from repeated_keys
            where repeated_keys.event_id = kept.event_id
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
