with

memberships as (select * from {{ ref('segment_memberships') }}),

sizes as (
    select * from {{ ref('segment_sizes') }}
    where as_of_date = cast({{ as_of() }} as date)
),

shared as (
    select
        smaller.segment_id,
        larger.segment_id as other_segment_id,
        count(*) as shared_count
    from memberships as smaller
    inner join memberships as larger
        on
            smaller.customer_id = larger.customer_id
            and smaller.segment_id < larger.segment_id
    group by smaller.segment_id, larger.segment_id
),

final as (
    select
        shared.segment_id,
        shared.other_segment_id,
        shared.shared_count,
        shared.shared_count
        / cast(sizes.member_count + other_sizes.member_count - shared.shared_count as double)
            as jaccard
    from shared
    inner join sizes on shared.segment_id = sizes.segment_id
    inner join sizes as other_sizes on shared.other_segment_id = other_sizes.segment_id
)

select * from final
