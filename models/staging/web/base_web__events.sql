-- depends_on: {{ ref('base_web__event_days') }}
{{
    config(
        materialized='by_day',
        meta={
            'day_column': 'event_date',
            'rows_per_step': 4000000,
            'raw_table': 'web/events',
            'raw_days': 'base_web__event_days',
            'says_arrival': true,
            'arrival': '''
                case when reject_reason is null then coalesce(received_at, occurred_at) end
            ''',
            'identifier_ids': ["'user_id:' || user_id", "'anonymous_id:' || anonymous_id"],
        }
    )
}}
{% set columns = [
    'event_id', 'event_name', 'occurred_at', 'received_at', 'anonymous_id', 'user_id', 'page_url',
    'referrer_url', 'search_query', 'product_id', 'content_id', 'campaign_id', 'device_type',
    'quantity', 'value_amount', 'currency_code', 'properties',
] %}

with tombstones as (
    select tombstone from {{ ref('base_privacy__tombstones') }}
    where marks <> 'shared_identifier'
),

-- Asked apart, so that each branch lets the engine skip files by their statistics.
checked as (
    select * from {{ ref('base_web__checked_events') }}
    where {{ in_days('occurred_at') }} and not {{ is_undated('occurred_at') }}
    union all
    select * from {{ ref('base_web__checked_events') }}
    where {{ in_days(undated_day()) }} and {{ is_undated('occurred_at') }}
),

bearers as (
    select {{ identifier_id("'user_id'", 'user_id') }} as identifier_id
    from checked
    where (select count(*) from tombstones) > 0
    union
    select {{ identifier_id("'anonymous_id'", 'anonymous_id') }} as identifier_id
    from checked
    where (select count(*) from tombstones) > 0
),

erased as (
    select bearers.identifier_id
    from bearers
    inner join tombstones on {{ tombstone('bearers.identifier_id') }} = tombstones.tombstone
),

-- A redelivery bears the key of an event of the same day.
repeated_keys as (
    select
        event_date,
        event_id,
        true as is_repeated
    from checked
    group by event_date, event_id
    having count(*) > 1
),

judged as (
    select
        checked.*,
        repeated_keys.is_repeated,
        {{ is_erased([
            identifier_id("'user_id'", 'checked.user_id'),
            identifier_id("'anonymous_id'", 'checked.anonymous_id'),
        ]) }} as is_erased,
        {{ is_ageless('web/events', 'checked.occurred_at') }} as is_ageless
    from checked
    left join repeated_keys
        on
            checked.event_date = repeated_keys.event_date
            and checked.event_id = repeated_keys.event_id
),

kept as (
    select *
    from judged
    where not is_erased and not is_ageless
),

-- Only keys that repeat are ranked: a window over every wide row costs several times the rest. The
-- delivery that was received first counts. One that is refused for another reason takes no part.
copies as (
    select
        *,
        1 as copy_number
    from kept
    where is_repeated is null
    union all
    select
        *,
        row_number() over (
            partition by event_date, event_id, reason is null
            order by
                received_at asc nulls last,
                {{ row_json(columns) }} asc,
                unusable_id_count asc
        ) as copy_number
    from kept
    where is_repeated
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
        event_date,
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
        reject_reason,
        case when reject_reason is not null then row_key end as row_key,
        case when reject_reason is not null then {{ row_json(columns) }} end as row_json,
        cast(null as {{ dbt.type_string() }}) as removal_reason
    from decided
    union all
    -- What stays of a row that the build must not hold; stg_privacy__removed_rows counts it.
    select
        event_date,
        {{ no_values([
            'event_id', 'event_name', 'occurred_at', 'received_at', 'anonymous_id', 'user_id',
            'identifier_id', 'unusable_id_count', 'page_url', 'referrer_url', 'search_query',
            'product_id', 'content_id', 'campaign_id', 'device_type', 'quantity', 'value_amount',
            'currency_code', 'value_reporting_amount', 'properties',
        ]) }},
        case when not is_erased then reason end as reject_reason,
        '' as row_key,
        '{}' as row_json,
        case when is_erased then 'erased' end as removal_reason
    from judged
    where is_erased or is_ageless
)

select * from final
