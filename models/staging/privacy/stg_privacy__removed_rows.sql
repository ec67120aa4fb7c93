{{ config(materialized='table') }}

with erased as (
    select * from {{ ref('base_privacy__marked_identifiers') }}
    where marks <> 'shared_identifier'
),

-- What each base model leaves out, asked again of the same rows.
removed_events as (
    select
        'web/events' as source_table,
        {{ is_past_retention('web/events', 'occurred_at') }} as is_past_retention,
        {{ is_erased([
            identifier_id("'user_id'", 'user_id'),
            identifier_id("'anonymous_id'", 'anonymous_id'),
        ]) }} as is_erased
    from {{ ref('base_web__checked_events') }}
),

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

removed_touches as (
    select
        'ads/touches' as source_table,
        {{ is_past_retention('ads/touches', 'touched_at') }} as is_past_retention,
        {{ is_erased(['identifier_id']) }} as is_erased
    from {{ ref('base_ads__checked_touches') }}
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

united as (
    select * from removed_events
    union all
    select * from removed_contacts
    union all
    select * from removed_consents
    union all
    select * from removed_orders
    union all
    select * from removed_order_lines
    union all
    select * from removed_touches
    union all
    select * from removed_assignments
    union all
    select * from removed_attributes
),

final as (
    select
        source_table,
        count(*) filter (where is_past_retention) as past_retention_count,
        count(*) filter (where is_erased and not is_past_retention) as erased_count
    from united
    group by source_table
)

select * from final
