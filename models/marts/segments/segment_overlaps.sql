with

memberships as (select * from {{ ref('segment_memberships') }}),

sizes as (
    select * from {{ ref('segment_sizes') }}
    where as_of_date = cast({{ as_of() }} as date)
),

numbered as (
    -- Pairs are counted by number: names cost twice as much.
    select
        segment_id,
        member_count,
        cast(row_number() over (order by segment_id) as integer) as segment_number
    from sizes
),

numbered_memberships as (
    select memberships.customer_id, numbered.segment_number
    from memberships
    inner join numbered on memberships.segment_id = numbered.segment_id
),

shared as (
    select
        earlier.segment_number,
        later.segment_number as other_segment_number,
        count(*) as shared_count
    from numbered_memberships as earlier
    inner join numbered_memberships as later
        on
            earlier.customer_id = later.customer_id
            and earlier.segment_number < later.segment_number
    group by earlier.segment_number, later.segment_number
),

final as (
    select
        numbered.segment_id,
        other.segment_id as other_segment_id,
        shared.shared_count,
        shared.shared_count
        / cast(numbered.member_count + other.member_count - shared.shared_count as double)
            as jaccard
    from shared
    inner join numbered on shared.segment_number = numbered.segment_number
    inner join numbered as other on shared.other_segment_number = other.segment_number
)

select * from final
