with

memberships as (select * from {{ ref('segment_memberships') }}),

features as (select * from {{ ref('customer_features') }}),

members as (
    -- How far each member came: a step counts with all before it.
    select
        memberships.segment_id,
        features.lookback_days,
        features.event_count > 0 as has_visited,
        features.product_views > 0 as has_viewed,
        features.cart_adds > 0 as has_added,
        features.checkout_starts > 0 as has_started,
        features.order_count > 0 as has_ordered
    from memberships
    inner join features on memberships.customer_id = features.customer_id
),

counts as (
    select
        segment_id,
        lookback_days,
        count(*) as member_count,
        count(*) filter (where has_visited) as visited_count,
        count(*) filter (where has_visited and has_viewed) as viewed_count,
        count(*) filter (where has_visited and has_viewed and has_added) as added_count,
        count(*) filter (
            where has_visited and has_viewed and has_added and has_started
        ) as started_count,
        count(*) filter (
            where has_visited and has_viewed and has_added and has_started and has_ordered
        ) as ordered_count
    from members
    group by segment_id, lookback_days
),

steps as (
    select
        segment_id,
        lookback_days,
        1 as step_number,
        'visited' as step,
        member_count,
        member_count as previous_count,
        visited_count as reached_count
    from counts
    union all
    select
        segment_id,
        lookback_days,
        2 as step_number,
        'viewed_product' as step,
        member_count,
        visited_count as previous_count,
        viewed_count as reached_count
    from counts
    union all
    select
        segment_id,
        lookback_days,
        3 as step_number,
        'added_to_cart' as step,
        member_count,
        viewed_count as previous_count,
        added_count as reached_count
    from counts
    union all
    select
        segment_id,
        lookback_days,
        4 as step_number,
        'started_checkout' as step,
        member_count,
        added_count as previous_count,
        started_count as reached_count
    from counts
    union all
    select
        segment_id,
        lookback_days,
        5 as step_number,
        'ordered' as step,
        member_count,
        started_count as previous_count,
        ordered_count as reached_count
    from counts
),

final as (
    select
        segment_id,
        lookback_days,
        step_number,
        step,
        member_count,
        reached_count,
        {{ share_of('reached_count', 'previous_count') }} as step_rate,
        {{ share_of('reached_count', 'member_count') }} as reached_rate
    from steps
)

select * from final
