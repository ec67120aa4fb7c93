{{ config(materialized='table') }}

with checked as (
    select * from {{ ref('base_enrichment__checked_attributes') }}
),

erased as (
    select * from {{ ref('base_privacy__marked_identifiers') }}
    where source_table = 'enrichment/attributes' and marks <> 'shared_identifier'
),

-- What the build must not hold is gone here; stg_privacy__removed_rows counts it.
kept as (
    select *
    from checked
    where
        not {{ is_erased(['identifier_id']) }}
        and not {{ is_past_retention('enrichment/attributes', 'observed_at') }}
),

-- Of attributes that repeat a key the one that expires first counts. A row refused for another
-- reason takes no part. All columns follow, so that the order is total.
ranked as (
    select
        *,
        row_number() over (
            partition by
                provider,
                identifier_type,
                identifier_value,
                attribute_name,
                observed_at,
                reason is null
            order by
                expires_at asc nulls last,
                attribute_value asc nulls last,
                party asc nulls last,
                legal_basis asc nulls last
        ) as copy_number
    from kept
),

decided as (
    select
        *,
        {{ row_key([
            'provider', 'identifier_type', 'identifier_value', 'attribute_name', 'observed_at',
        ]) }} as row_key,
        case
            when reason is not null then reason
            when copy_number > 1 then 'duplicate_key'
        end as reject_reason
    from ranked
),

final as (
    select
        provider,
        party,
        identifier_type,
        identifier_value,
        identifier_id,
        attribute_name,
        attribute_value,
        observed_at,
        expires_at,
        legal_basis,
        row_key,
        reject_reason,
        case
            when reject_reason is not null then {{ row_json([
                'provider', 'party', 'identifier_type', 'identifier_value',
                'attribute_name', 'attribute_value', 'observed_at', 'expires_at',
                'legal_basis',
            ]) }}
        end as row_json
    from decided
)

select * from final
