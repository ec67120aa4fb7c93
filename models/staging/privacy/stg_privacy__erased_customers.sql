with tombstones as (
    select * from {{ ref('base_privacy__tombstones') }}
    where marks = 'customer'
),

final as (
    select
        tombstone,
        erased_at
    from tombstones
)

select * from final
