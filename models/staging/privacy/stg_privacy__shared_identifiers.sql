with marked_identifiers as (
    select * from {{ ref('base_privacy__marked_identifiers') }}
    where marks = 'shared_identifier'
),

final as (
    select identifier_id
    from marked_identifiers
    group by identifier_id
)

select * from final
