{{ config(group='staging') }}

-- With another salt the tombstones find no one again, and who was erased would come back.
with

tombstones as (select * from {{ ref('base_privacy__tombstones') }}),

final as (
    select
        'TESSERA_ERASURE_SALT is not what it was when '
        || cast(count(*) as {{ dbt.type_string() }})
        || ' identifiers were erased: set it back, or erased people return' as problem
    from tombstones
    where salt_check <> {{ tombstone("'the salt'") }}
    having count(*) > 0
)

select * from final
