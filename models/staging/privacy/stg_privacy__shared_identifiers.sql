with tombstones as (
    select * from {{ ref('base_privacy__tombstones') }}
    where marks = 'shared_identifier'
),

final as (
    select tombstone
    from tombstones
    group by tombstone
)

select * from final
