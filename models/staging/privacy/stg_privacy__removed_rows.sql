-- Once events and touches that are past their retention have left:
-- depends_on: {{ ref('stg_web__events') }}
-- depends_on: {{ ref('stg_ads__touches') }}
{{ config(materialized='table') }}

with erased as (
    select * from {{ ref('base_privacy__marked_identifiers') }}
    where
        marks <> 'shared_identifier'
        and source_table not in ('web/events', 'ads/touches')
),

-- Tables that are made by day know how many rows each day was made of, and has.
removed_events as (
    select
        'web/events' as source_table,
        version = 'expired' as is_past_retention,
        source_rows - row_count as removed_count
    from {{ days_of(ref('base_web__events')) }}
),

removed_touches as (
    select
        'ads/touches' as source_table,
        version = 'expired' as is_past_retention,
        source_rows - row_count as removed_count
    from {{ days_of(ref('base_ads__touches')) }}
),

-- What each other base model leaves out, asked again of the same rows.
removed_contacts as (
    select
        'crm/contacts' as source_table,
        {{ is_past_retention('crm/contacts', 'coalesce(updated_at, created_at)') }}
            as is_past_retention,
        {{ is_erased([
            identifier_id("'contact_id'", 'contact_id'),
            identifier_id("'user_id'", 'user_id'),
            identifier_id("'email'", 'email_hash'),
            identifier_id("'phone'", 'phone_hash'),
        ]) }} as is_erased
    from {{ ref('base_crm__checked_contacts') }}
),

removed_consents as (
    select
        'crm/consents' as source_table,
        {{ is_past_retention('crm/consents', 'recorded_at') }} as is_past_retention,
        {{ is_erased(['identifier_id']) }} as is_erased
    from {{ ref('base_crm__checked_consents') }}
),

removed_orders as (
    select
        'shop/orders' as source_table,
        {{ is_past_retention('shop/orders', 'ordered_at') }} as is_past_retention,
        {{ is_erased([
            identifier_id("'user_id'", 'user_id'),
            identifier_id("'email'", 'email_hash'),
            identifier_id("'anonymous_id'", 'anonymous_id'),
            identifier_id("'order_id'", 'order_id'),
        ]) }} as is_erased
    from {{ ref('base_shop__checked_orders') }}
),

removed_order_lines as (
    select
        'shop/order_lines' as source_table,
        {{ is_past_retention('shop/orders', 'ordered_at') }} as is_past_retention,
        {{ is_erased([identifier_id("'order_id'", 'order_id')]) }} as is_erased
    from {{ ref('base_shop__checked_order_lines') }}
),

removed_assignments as (
    select
        'experiments/assignments' as source_table,
        {{ is_past_retention('experiments/assignments', 'assigned_at') }} as is_past_retention,
        {{ is_erased(['identifier_id']) }} as is_erased
    from {{ ref('base_experiments__checked_assignments') }}
),

removed_attributes as (
    select
        'enrichment/attributes' as source_table,
        {{ is_past_retention('enrichment/attributes', 'observed_at') }} as is_past_retention,
        {{ is_erased(['identifier_id']) }} as is_erased
    from {{ ref('base_enrichment__checked_attributes') }}
),

asked_again as (
    select * from removed_contacts
    union all
    select * from removed_consents
    union all
    select * from removed_orders
    union all
    select * from removed_order_lines
    union all
    select * from removed_assignments
    union all
    select * from removed_attributes
),

united as (
    select * from removed_events
    union all
    select * from removed_touches
    union all
    select
        source_table,
        is_past_retention,
        1 as removed_count
    from asked_again
    where is_past_retention or is_erased
),

final as (
    select
        source_table,
        cast(
            coalesce(sum(removed_count) filter (where is_past_retention), 0) as bigint
        ) as past_retention_count,
        cast(
            coalesce(sum(removed_count) filter (where not is_past_retention), 0) as bigint
        ) as erased_count
    from united
    group by source_table
)

select * from final
