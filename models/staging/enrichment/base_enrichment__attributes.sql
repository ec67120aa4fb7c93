{{ config(materialized='table') }}

with checked as (
    select * from {{ ref('base_enrichment__checked_attributes') }}
),

erased as (
    select * from {{ ref('base_privacy__marked_identifiers') }}
    where source_table = 'enrichment/attributes' and marks <> 'shared_identifier'
),

judged as (
    select
        *,
        {{ is_erased(['identifier_id']) }} as is_erased,
        {{ is_past_retention('enrichment/attributes', 'observed_at') }} as is_past_retention,
        {{ is_ageless('enrichment/attributes', 'observed_at') }} as is_ageless
    from checked
),

kept as (
    select *
    from judged
    where not is_erased and not is_ageless
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
        end as row_json,
        cast(null as {{ dbt.type_string() }}) as removal_reason
    from decided
    where not is_past_retention
    union all
    -- What stays of a row that the build must not hold; stg_privacy__removed_rows counts it.
    select
        {{ no_values([
            'provider', 'party', 'identifier_type', 'identifier_value', 'identifier_id',
            'attribute_name', 'attribute_value', 'observed_at', 'expires_at', 'legal_basis',
        ]) }},
        {{ left_of_removed_row() }}
    from judged
    where is_erased or is_past_retention or is_ageless
)

select * from final
