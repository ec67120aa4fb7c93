-- A view: see base_privacy__identifiers.
{{ config(materialized='view') }}

with identifiers as (
    select * from {{ ref('base_privacy__identifiers') }}
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
