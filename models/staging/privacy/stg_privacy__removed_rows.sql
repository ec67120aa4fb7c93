-- Once events and touches that are past their retention have left:
-- depends_on: {{ ref('stg_web__events') }}
-- depends_on: {{ ref('stg_ads__touches') }}
{{ config(materialized='table') }}

with left_out as (
    select 'web/events' as source_table, removal_reason
    from {{ ref('base_web__events') }}
    where removal_reason = 'erased'
    union all
    select 'ads/touches' as source_table, removal_reason
    from {{ ref('base_ads__touches') }}
    where removal_reason = 'erased'
    union all
    select 'crm/contacts' as source_table, removal_reason
    from {{ ref('base_crm__contacts') }}
    where removal_reason is not null
    union all
    select 'crm/consents' as source_table, removal_reason
    from {{ ref('base_crm__consents') }}
    where removal_reason is not null
    union all
    select 'shop/orders' as source_table, removal_reason
    from {{ ref('base_shop__orders') }}
    where removal_reason is not null
    union all
    select 'shop/order_lines' as source_table, removal_reason
    from {{ ref('base_shop__order_lines') }}
    where removal_reason is not null
    union all
    select 'experiments/assignments' as source_table, removal_reason
    from {{ ref('base_experiments__assignments') }}
    where removal_reason is not null
    union all
    select 'enrichment/attributes' as source_table, removal_reason
    from {{ ref('base_enrichment__attributes') }}
    where removal_reason is not null
),

-- A day that is past its retention has gone whole: its memory says how many rows it was made of.
expired_days as (
    select 'web/events' as source_table, source_rows
    from {{ days_of(ref('base_web__events')) }}
    where version = 'expired'
    union all
    select 'ads/touches' as source_table, source_rows
    from {{ days_of(ref('base_ads__touches')) }}
    where version = 'expired'
),

counted as (
    select source_table, removal_reason, count(*) as row_count
    from left_out
    group by source_table, removal_reason
    union all
    select source_table, 'past_retention' as removal_reason, sum(source_rows) as row_count
    from expired_days
    group by source_table
),

final as (
    select
        source_table,
        cast(
            coalesce(sum(row_count) filter (where removal_reason = 'past_retention'), 0) as bigint
        ) as past_retention_count,
        cast(
            coalesce(sum(row_count) filter (where removal_reason = 'erased'), 0) as bigint
        ) as erased_count
    from counted
    group by source_table
)

select * from final
