-- Whoever is held out of all messages or of the segment, or in control of an experiment on it that
-- still counts, is in no audience of it.
with

audience_members as (select * from {{ ref('audience_members') }}),

held_out as (select * from {{ ref('int_held_out_customers') }}),

control_members as (select * from {{ ref('int_control_members') }}),

final as (
    select
        'audience_members: ' || audience_members.customer_id || ' in '
        || audience_members.segment_id || ' is '
        || case when held_out.customer_id is not null then 'held out' else 'control' end as problem
    from audience_members
    left join held_out
        on
            audience_members.customer_id = held_out.customer_id
            and coalesce(held_out.segment_id, audience_members.segment_id)
            = audience_members.segment_id
    left join control_members
        on
            audience_members.customer_id = control_members.customer_id
            and audience_members.segment_id = control_members.segment_id
    where held_out.customer_id is not null or control_members.customer_id is not null
)

select * from final
