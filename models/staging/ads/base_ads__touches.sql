{{ config(materialized='table') }}
{% set columns = [
    'touch_id', 'campaign_id', 'creative_key', 'identifier_type', 'identifier_value',
    'touch_type', 'touched_at',
] %}

-- Only keys that repeat are ranked: a window over every wide row of a large table costs several
-- times the rest. For the same reason no CTE imports the view: one used twice would be kept.
with repeated_keys as (
    select touch_id
    from {{ ref('base_ads__kept_touches') }}
    group by touch_id
    having count(*) > 1
),

-- The first touch counts, and at the same moment the first by all columns. One that is refused for
-- another reason takes no part.
ranked as (
    select
        kept.*,
        row_number() over (
            partition by kept.touch_id, kept.reason is null
            order by kept.touched_at asc, {{ row_json(columns, 'kept') }} asc
        ) as copy_number
    from {{ ref('base_ads__kept_touches') }} as kept
    inner join repeated_keys
        on kept.touch_id = repeated_keys.touch_id
),

unrepeated as (
    select
        kept.*,
        1 as copy_number
    from {{ ref('base_ads__kept_touches') }} as kept
    where
        not exists (
            select 1
            from repeated_keys
            where repeated_keys.touch_id = kept.touch_id
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
        {{ row_key(['touch_id']) }} as row_key,
        case
            when reason is not null then reason
            when copy_number > 1 then 'duplicate_key'
        end as reject_reason
    from copies
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
        touched_at,
        row_key,
        reject_reason,
        case when reject_reason is not null then {{ row_json(columns) }} end as row_json
    from decided
)

select * from final
