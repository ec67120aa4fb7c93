-- A view: see base_privacy__identifiers.
{{ config(materialized='view') }}

-- distinct, because an identifier stands in many rows
with identifiers as (
    select distinct source_table, identifier_id
    from {{ ref('base_privacy__identifiers') }}
),

tombstones as (
    select * from {{ ref('base_privacy__tombstones') }}
),

final as (
    select
        identifiers.source_table,
        identifiers.identifier_id,
        tombstones.marks
    from identifiers
    inner join tombstones
        on {{ tombstone('identifiers.identifier_id') }} = tombstones.tombstone
)

select * from final
