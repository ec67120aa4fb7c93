{#- A memory, exempt from full refresh. Rows are only ever added: what a run learned of the day that
    it describes, and of the observed day after it. Only rows of erased people, and of memberships
    that ended long ago, leave it. -#}
-- depends_on: {{ ref('stg_privacy__erased_customers') }}
{{
    config(
        pre_hook="{{ forget_erased_members(ref('stg_privacy__erased_customers')) }}",
        post_hook="{{ forget_ended_memberships() }}",
        access='private',
        schema='intermediate',
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        on_schema_change='fail'
    )
}}

with

memberships as (select * from {{ ref('segment_memberships') }}),

learned_before as (
    {% if is_incremental() -%}
    select observed_on, segment_id, customer_id, change_type, run_number
    from {{ this }}
    {%- else -%}
    select
        cast(null as date) as observed_on,
        segment_id,
        customer_id,
        cast(null as {{ dbt.type_string() }}) as change_type,
        cast(null as bigint) as run_number
    from memberships
    where 1 = 0
    {%- endif %}
),

today as (
    select cast({{ as_of() }} as date) as observed_on
),

observed as (
    -- The day that this run describes, and the next day that some run has described.
    select
        today.observed_on,
        min(case
            when learned_before.observed_on > today.observed_on then learned_before.observed_on
        end) as next_observed_on,
        coalesce(max(case when learned_before.observed_on = today.observed_on then 1 end), 0) = 1
            as is_known,
        coalesce(max(learned_before.run_number), 0) + 1 as run_number
    from today
    left join learned_before on learned_before.observed_on is not null
    group by today.observed_on
),

changes as (
    -- The latest word on each change.
    select
        observed_on,
        segment_id,
        customer_id,
        max_by(change_type, run_number) as change_type
    from learned_before
    where customer_id is not null
    group by observed_on, segment_id, customer_id
),

held as (
    -- Who was in on the observed days before and after, and what was said of this and the next day.
    select
        changes.segment_id,
        changes.customer_id,
        max_by(changes.change_type, changes.observed_on) filter (
            where
            changes.change_type <> 'withdrawn'
            and changes.observed_on < observed.observed_on
        ) as change_before,
        max_by(changes.change_type, changes.observed_on) filter (
            where
            changes.change_type <> 'withdrawn'
            and changes.observed_on <= observed.next_observed_on
        ) as change_up_to_next,
        max(changes.change_type) filter (
            where changes.observed_on = observed.observed_on
        ) as held_change,
        max(changes.change_type) filter (
            where changes.observed_on = observed.next_observed_on
        ) as held_next_change
    from changes
    cross join observed
    group by changes.segment_id, changes.customer_id
),

united as (
    select
        segment_id,
        customer_id,
        coalesce(change_before, 'exited') = 'entered' as was_member,
        false as is_member,
        coalesce(change_up_to_next, 'exited') = 'entered' as is_next_member,
        held_change,
        held_next_change
    from held
    union all
    select
        segment_id,
        customer_id,
        false as was_member,
        true as is_member,
        false as is_next_member,
        null as held_change,
        null as held_next_change
    from memberships
),

states as (
    select
        segment_id,
        customer_id,
        bool_or(was_member) as was_member,
        bool_or(is_member) as is_member,
        bool_or(is_next_member) as is_next_member,
        coalesce(max(held_change), 'withdrawn') as held_change,
        coalesce(max(held_next_change), 'withdrawn') as held_next_change
    from united
    group by segment_id, customer_id
),

found as (
    select
        observed.observed_on,
        states.segment_id,
        states.customer_id,
        case
            when states.is_member and not states.was_member then 'entered'
            when states.was_member and not states.is_member then 'exited'
            else 'withdrawn'
        end as change_type,
        states.held_change
    from states
    cross join observed
    union all
    select
        observed.next_observed_on as observed_on,
        states.segment_id,
        states.customer_id,
        case
            when states.is_next_member and not states.is_member then 'entered'
            when states.is_member and not states.is_next_member then 'exited'
            else 'withdrawn'
        end as change_type,
        states.held_next_change as held_change
    from states
    cross join observed
    where observed.next_observed_on is not null
),

learned as (
    select observed_on, segment_id, customer_id, change_type
    from found
    where change_type <> held_change
    union all
    -- A day on which nothing changed is observed all the same.
    select
        observed_on,
        null as segment_id,
        null as customer_id,
        'observed' as change_type
    from observed
    where not is_known
),

final as (
    select
        learned.observed_on,
        learned.segment_id,
        learned.customer_id,
        learned.change_type,
        observed.run_number,
        {{ run_time() }} as known_at
    from learned
    cross join observed
)

select * from final
