with

observed_days as (
    select observed_on as as_of_date
    from {{ ref('int_segment_membership_changes') }}
    where change_type = 'observed'
),

history as (select * from {{ ref('segment_membership_history') }}),

days as (
    select
        as_of_date,
        lag(as_of_date) over (order by as_of_date) as previous_as_of_date
    from observed_days
),

moves as (
    select
        segment_id,
        valid_from as as_of_date,
        1 as entered,
        0 as exited
    from history
    union all
    select
        segment_id,
        valid_to as as_of_date,
        0 as entered,
        1 as exited
    from history
    where valid_to is not null
),

daily_moves as (
    select
        segment_id,
        as_of_date,
        sum(entered) as entered_count,
        sum(exited) as exited_count
    from moves
    group by segment_id, as_of_date
),

segments as (
    select segment_id, min(as_of_date) as first_as_of_date
    from daily_moves
    group by segment_id
),

counted as (
    select
        segments.segment_id,
        days.as_of_date,
        days.previous_as_of_date,
        coalesce(daily_moves.entered_count, 0) as entered_count,
        coalesce(daily_moves.exited_count, 0) as exited_count,
        sum(coalesce(daily_moves.entered_count, 0) - coalesce(daily_moves.exited_count, 0)) over (
            partition by segments.segment_id
            order by days.as_of_date
        ) as member_count
    from segments
    inner join days on segments.first_as_of_date <= days.as_of_date
    left join daily_moves
        on
            segments.segment_id = daily_moves.segment_id
            and days.as_of_date = daily_moves.as_of_date
),

final as (
    select
        segment_id,
        as_of_date,
        previous_as_of_date,
        cast(member_count as bigint) as member_count,
        cast(entered_count as bigint) as entered_count,
        cast(exited_count as bigint) as exited_count,
        cast(member_count - entered_count as bigint) as stayed_count,
        case
            when previous_as_of_date is not null
                then (member_count - entered_count) / cast(member_count + exited_count as double)
        end as jaccard
    from counted
    -- Who is not a member today was one on the day before, or the segment has nobody on both.
    where member_count > 0 or exited_count > 0
)

select * from final
