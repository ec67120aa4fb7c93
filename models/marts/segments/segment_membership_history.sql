with

learned as (
    select * from {{ ref('int_segment_membership_changes') }}
    where customer_id is not null
),

memberships as (
    select
        segment_id,
        customer_id,
        count(*) as word_count,
        min(observed_on) as observed_on,
        min(change_type) as change_type,
        min(known_at) as known_at
    from learned
    group by segment_id, customer_id
),

-- Most people entered a segment once and nothing more was said of it: their row is that word. Only
-- the others need what follows, which costs several times as much.
changes as (
    -- The latest word on each change, and the run that said it.
    select
        learned.observed_on,
        learned.segment_id,
        learned.customer_id,
        max_by(learned.change_type, learned.run_number) as change_type,
        max_by(learned.known_at, learned.run_number) as known_at
    from learned
    inner join memberships
        on
            learned.segment_id = memberships.segment_id
            and learned.customer_id = memberships.customer_id
            and memberships.word_count > 1
    group by learned.observed_on, learned.segment_id, learned.customer_id
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
        observed_on as valid_from,
        cast(null as date) as valid_to,
        known_at
    from memberships
    where word_count = 1 and change_type = 'entered'
    union all
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
