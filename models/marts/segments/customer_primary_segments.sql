with

memberships as (select * from {{ ref('segment_memberships') }}),

segments as (
    select * from {{ ref('segments') }}
    where kind = 'audience'
),

sizes as (
    select * from {{ ref('segment_sizes') }}
    where as_of_date = cast({{ as_of() }} as date)
),

ranked as (
    -- The more urgent family first; of its segments the smaller, which says more of its members.
    select
        memberships.*,
        segments.priority,
        sizes.member_count,
        row_number() over (
            partition by memberships.customer_id
            order by segments.priority, sizes.member_count, memberships.segment_id
        ) as segment_rank,
        count(*) over (partition by memberships.customer_id) as audience_segment_count
    from memberships
    inner join segments on memberships.segment_id = segments.segment_id
    inner join sizes on memberships.segment_id = sizes.segment_id
),

final as (
    select
        customer_id,
        segment_id,
        family,
        variant,
        lookback_days,
        priority,
        member_count,
        audience_segment_count,
        qualified_at,
        score
    from ranked
    where segment_rank = 1
)

select * from final
