-- Pairs of segments that share most of their members: candidates for one message, or for one of the
-- two to go.
-- Run it with: dbt show -s segments_that_say_the_same --limit 50
with

pairs as (select * from {{ ref('segment_overlaps') }}),

sizes as (
    select * from {{ ref('segment_sizes') }}
    where as_of_date = cast({{ as_of() }} as date)
),

final as (
    select
        pairs.segment_id,
        sizes.member_count,
        pairs.other_segment_id,
        other_sizes.member_count as other_member_count,
        pairs.shared_count,
        pairs.jaccard
    from pairs
    inner join sizes on pairs.segment_id = sizes.segment_id
    inner join sizes as other_sizes on pairs.other_segment_id = other_sizes.segment_id
    where pairs.jaccard >= 0.5 and pairs.shared_count >= 20
)

select * from final
order by jaccard desc, segment_id, other_segment_id
