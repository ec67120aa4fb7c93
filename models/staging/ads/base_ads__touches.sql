-- depends_on: {{ ref('base_ads__touch_days') }}
{{
    config(
        materialized='by_day',
        meta={
            'day_column': 'touch_date',
            'rows_per_step': 8000000,
            'raw_table': 'ads/touches',
            'raw_days': 'base_ads__touch_days',
            'arrival': 'case when reject_reason is null then touched_at end',
            'identifier_ids': ['identifier_id'],
        }
    )
}}
{% set columns = [
    'touch_id', 'campaign_id', 'creative_key', 'identifier_type', 'identifier_value',
    'touch_type', 'touched_at',
] %}

with tombstones as (
    select tombstone from {{ ref('base_privacy__tombstones') }}
    where marks <> 'shared_identifier'
),

-- Asked apart, so that each branch lets the engine skip files by their statistics.
checked as (
    select * from {{ ref('base_ads__checked_touches') }}
    where {{ in_days('touched_at') }} and not {{ is_undated('touched_at') }}
    union all
    select * from {{ ref('base_ads__checked_touches') }}
    where {{ in_days(undated_day()) }} and {{ is_undated('touched_at') }}
),

bearers as (
    select distinct identifier_id
    from checked
    where (select count(*) from tombstones) > 0
),

erased as (
    select bearers.identifier_id
    from bearers
    inner join tombstones on {{ tombstone('bearers.identifier_id') }} = tombstones.tombstone
),

-- A second row of the day with the same key is the same touch.
repeated_keys as (
    select
        touch_date,
        touch_id,
        true as is_repeated
    from checked
    group by touch_date, touch_id
    having count(*) > 1
),

judged as (
    select
        checked.*,
        repeated_keys.is_repeated,
        {{ is_erased(['checked.identifier_id']) }} as is_erased,
        {{ is_ageless('ads/touches', 'checked.touched_at') }} as is_ageless
    from checked
    left join repeated_keys
        on
            checked.touch_date = repeated_keys.touch_date
            and checked.touch_id = repeated_keys.touch_id
),

kept as (
    select *
    from judged
    where not is_erased and not is_ageless
),

-- Only keys that repeat are ranked: a window over every wide row costs several times the rest. The
-- first touch counts, and at the same moment the first by all columns. One that is refused for
-- another reason takes no part.
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
            partition by touch_date, touch_id, reason is null
            order by touched_at asc, {{ row_json(columns) }} asc
        ) as copy_number
    from kept
    where is_repeated
),

decided as (
    select
        *,
        {{ row_key(['touch_id']) }} as row_key,
        case
            when reason is not null then reason
            when copy_number > 1 then 'duplicate_key'
        end as reject_reason
    from copies
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
        touched_at,
        reject_reason,
        case when reject_reason is not null then row_key end as row_key,
        case when reject_reason is not null then {{ row_json(columns) }} end as row_json,
        cast(null as {{ dbt.type_string() }}) as removal_reason
    from decided
    union all
    -- What stays of a row that the build must not hold; stg_privacy__removed_rows counts it.
    select
        touch_date,
        {{ no_values([
            'touch_id', 'campaign_id', 'creative_key', 'identifier_type', 'identifier_value',
            'identifier_id', 'touch_type', 'touched_at',
        ]) }},
        case when not is_erased then reason end as reject_reason,
        '' as row_key,
        '{}' as row_json,
        case when is_erased then 'erased' end as removal_reason
    from judged
    where is_erased or is_ageless
)

select * from final
