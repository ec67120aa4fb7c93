{{ config(materialized='table') }}

with source as (
    select * from {{ source('ads', 'campaigns') }}
),

cleaned as (
    select
        {{ clean_text('campaign_id') }} as campaign_id,
        {{ clean_text('campaign_name') }} as campaign_name,
        lower({{ clean_text('platform') }}) as platform,
        {{ clean_text('segment_id') }} as segment_id,
        {{ clean_text('experiment_key') }} as experiment_key
    from source
),

-- The first reason that holds is the row's reason.
checked as (
    select
        *,
        case
            when campaign_id is null then 'null_key'
            when platform is null then 'missing_platform'
        end as reason
    from cleaned
),

-- Campaigns carry no time: of those that repeat a key the first by all columns counts, known values
-- before unknown. A row refused for another reason takes no part.
ranked as (
    select
        *,
        row_number() over (
            partition by campaign_id, reason is null
            order by
                experiment_key asc nulls last,
                segment_id asc nulls last,
                campaign_name asc nulls last,
                platform asc nulls last
        ) as copy_number
    from checked
),

decided as (
    select
        *,
        {{ row_key(['campaign_id']) }} as row_key,
        case
            when reason is not null then reason
            when copy_number > 1 then 'duplicate_key'
        end as reject_reason
    from ranked
),

final as (
    select
        campaign_id,
        campaign_name,
        platform,
        segment_id,
        experiment_key,
        row_key,
        reject_reason,
        case
            when reject_reason is not null then {{ row_json([
                'campaign_id', 'campaign_name', 'platform', 'segment_id',
                'experiment_key',
            ]) }}
        end as row_json
    from decided
)

select * from final
