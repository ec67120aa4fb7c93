{{ config(access='private', schema='intermediate') }}

with

memberships as (select * from {{ ref('segment_memberships') }}),

held_out as (select * from {{ ref('int_held_out_customers') }}),

control_members as (select * from {{ ref('int_control_members') }}),

withheld as (
    -- Whoever is held out of all messages is held out of each segment.
    select
        memberships.segment_id,
        memberships.customer_id,
        true as is_held_out,
        false as is_control
    from memberships
    inner join held_out
        on
            memberships.customer_id = held_out.customer_id
            and coalesce(held_out.segment_id, memberships.segment_id) = memberships.segment_id
    union all
    select
        segment_id,
        customer_id,
        false as is_held_out,
        true as is_control
    from control_members
),

final as (
    select
        segment_id,
        customer_id,
        bool_or(is_held_out) as is_held_out,
        bool_or(is_control) as is_control
    from withheld
    group by segment_id, customer_id
)

select * from final
