-- In the group of staging, whose base models no one else may read.
-- Once events and touches that are past their retention have left:
-- depends_on: {{ ref('stg_privacy__removed_rows') }}
{{ config(group='staging') }}

with row_times as (
    select
        'web/events' as scope_key,
        occurred_at as happened_at,
        reject_reason
    from {{ ref('base_web__events') }}
    where removal_reason is null
    union all
    select
        'crm/contacts' as scope_key,
        coalesce(updated_at, created_at) as happened_at,
        reject_reason
    from {{ ref('base_crm__contacts') }}
    where removal_reason is null
    union all
    select
        'crm/consents' as scope_key,
        recorded_at as happened_at,
        reject_reason
    from {{ ref('base_crm__consents') }}
    where removal_reason is null
    union all
    select
        'shop/orders' as scope_key,
        ordered_at as happened_at,
        reject_reason
    from {{ ref('base_shop__orders') }}
    where removal_reason is null
    union all
    select
        'ads/touches' as scope_key,
        touched_at as happened_at,
        reject_reason
    from {{ ref('base_ads__touches') }}
    where removal_reason is null
    union all
    select
        'experiments/assignments' as scope_key,
        assigned_at as happened_at,
        reject_reason
    from {{ ref('base_experiments__assignments') }}
    where removal_reason is null
    union all
    select
        'enrichment/attributes' as scope_key,
        observed_at as happened_at,
        reject_reason
    from {{ ref('base_enrichment__attributes') }}
    where removal_reason is null
),

removed_rows as (
    select * from {{ ref('stg_privacy__removed_rows') }}
),

segments as (
    select * from {{ ref('segments') }}
),

memberships as (
    select * from {{ ref('segment_memberships') }}
),

candidates as (
    select * from {{ ref('int_segment_candidates') }}
),

history as (
    select * from {{ ref('segment_membership_history') }}
),

limits as (
    select source_limits.scope_key, source_limits.retention_days
    from (
        values
        ('web/events', {{ var('retention_days').get('web/events', 0) }}),
        ('crm/contacts', {{ var('retention_days').get('crm/contacts', 0) }}),
        ('crm/consents', {{ var('retention_days').get('crm/consents', 0) }}),
        ('shop/orders', {{ var('retention_days').get('shop/orders', 0) }}),
        ('ads/touches', {{ var('retention_days').get('ads/touches', 0) }}),
        ('experiments/assignments', {{ var('retention_days').get('experiments/assignments', 0) }}),
        ('enrichment/attributes', {{ var('retention_days').get('enrichment/attributes', 0) }})
    ) as source_limits (scope_key, retention_days)
),

-- A moment that is refused for being too old is no moment.
held_rows as (
    select
        scope_key,
        count(*) as row_count,
        min(case
            when reject_reason is null or reject_reason <> 'timestamp_too_old' then happened_at
        end) as oldest_at
    from row_times
    group by scope_key
),

sources as (
    select
        'source' as scope,
        limits.scope_key,
        nullif(limits.retention_days, 0) as retention_days,
        coalesce(held_rows.row_count, 0) as row_count,
        held_rows.oldest_at,
        coalesce(removed_rows.past_retention_count, 0) as removed_count
    from limits
    left join held_rows on limits.scope_key = held_rows.scope_key
    left join removed_rows on limits.scope_key = removed_rows.source_table
),

-- distinct, because a family has many segments
families as (
    select distinct family, retention_days
    from segments
),

held_members as (
    select
        family,
        count(*) as row_count,
        min(qualified_at) as oldest_at
    from memberships
    group by family
),

removed_members as (
    select
        candidates.family,
        count(*) as removed_count
    from candidates
    inner join families on candidates.family = families.family
    where
        candidates.qualified_at
        < {{ dbt.dateadd('day', '-families.retention_days', as_of()) }}
    group by candidates.family
),

segment_families as (
    select
        'segment_family' as scope,
        families.family as scope_key,
        families.retention_days,
        coalesce(held_members.row_count, 0) as row_count,
        held_members.oldest_at,
        coalesce(removed_members.removed_count, 0) as removed_count
    from families
    left join held_members on families.family = held_members.family
    left join removed_members on families.family = removed_members.family
),

-- A membership counts from its end; those that go on have no age.
memberships_over_time as (
    select
        'segment_history' as scope,
        'segment_membership_history' as scope_key,
        cast(nullif({{ var('segment_history_days') }}, 0) as integer) as retention_days,
        count(*) as row_count,
        cast(min(valid_to) as timestamp) as oldest_at,
        0 as removed_count
    from history
),

united as (
    select * from sources
    union all
    select * from segment_families
    union all
    select * from memberships_over_time
),

final as (
    select
        scope,
        scope_key,
        retention_days,
        {{ dbt.dateadd('day', '-retention_days', as_of()) }} as held_from,
        row_count,
        oldest_at,
        removed_count
    from united
)

select * from final
