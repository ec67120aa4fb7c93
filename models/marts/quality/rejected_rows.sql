-- In the group of staging, whose base models no one else may read.
-- Once events and touches that are past their retention have left:
-- depends_on: {{ ref('stg_privacy__removed_rows') }}
{{ config(group='staging') }}

with base_rows as (
    select 'activation/uploads' as source_table, row_key, reject_reason, row_json
    from {{ ref('base_activation__uploads') }}
    union all
    select 'ads/campaigns' as source_table, row_key, reject_reason, row_json
    from {{ ref('base_ads__campaigns') }}
    union all
    select 'ads/daily_delivery' as source_table, row_key, reject_reason, row_json
    from {{ ref('base_ads__daily_delivery') }}
    union all
    select 'ads/touches' as source_table, row_key, reject_reason, row_json
    from {{ ref('base_ads__touches') }}
    union all
    select 'crm/accounts' as source_table, row_key, reject_reason, row_json
    from {{ ref('base_crm__accounts') }}
    union all
    select 'crm/consents' as source_table, row_key, reject_reason, row_json
    from {{ ref('base_crm__consents') }}
    union all
    select 'crm/contacts' as source_table, row_key, reject_reason, row_json
    from {{ ref('base_crm__contacts') }}
    union all
    select 'enrichment/attributes' as source_table, row_key, reject_reason, row_json
    from {{ ref('base_enrichment__attributes') }}
    union all
    select 'experiments/assignments' as source_table, row_key, reject_reason, row_json
    from {{ ref('base_experiments__assignments') }}
    union all
    select 'privacy/erasure_requests' as source_table, row_key, reject_reason, row_json
    from {{ ref('base_privacy__erasure_requests') }}
    union all
    select 'shop/order_lines' as source_table, row_key, reject_reason, row_json
    from {{ ref('base_shop__order_lines') }}
    union all
    select 'shop/orders' as source_table, row_key, reject_reason, row_json
    from {{ ref('base_shop__orders') }}
    union all
    select 'shop/products' as source_table, row_key, reject_reason, row_json
    from {{ ref('base_shop__products') }}
    union all
    select 'web/events' as source_table, row_key, reject_reason, row_json
    from {{ ref('base_web__events') }}
),

rejects as (
    select
        source_table,
        row_key,
        reject_reason as reason,
        row_json
    from base_rows
    where reject_reason is not null
),

-- The same row can be refused twice for the same reason. Equal rows are interchangeable.
final as (
    select
        source_table,
        row_key,
        reason,
        cast(row_number() over (
            partition by source_table, row_key, reason
            order by row_json asc
        ) as bigint) as reject_number,
        row_json
    from rejects
)

select * from final
