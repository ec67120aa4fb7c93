with

learned as (
    select * from {{ ref('int_segment_membership_changes') }}
    where customer_id is not null
),

changes as (
    -- The latest word on each change, and the run that said it.
    select
        observed_on,
        segment_id,
        customer_id,
        max_by(change_type, run_number) as change_type,
        max_by(known_at, run_number) as known_at
    from learned
    group by observed_on, segment_id, customer_id
),

counted as (
    select
        *,
        count(case when change_type = 'entered' then 1 end) over (
            partition by segment_id, customer_id
            order by observed_on
        ) as entry_count,
        count(case when change_type = 'exited' then 1 end) over (
            partition by segment_id, customer_id
            order by observed_on
        ) as exit_count
    from changes
),

final as (
    select
        segment_id,
        customer_id,
        min(observed_on) as valid_from,
        max(case when change_type = 'exited' then observed_on end) as valid_to,
        max(known_at) as known_at
    from counted
    -- A change that was withdrawn within an interval is part of how the interval came to be known.
    where change_type <> 'withdrawn' or entry_count > exit_count
    group by segment_id, customer_id, entry_count
)

select * from final
