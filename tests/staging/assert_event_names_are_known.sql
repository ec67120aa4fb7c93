-- An event that seeds/event_types.csv does not name is kept but weighs nothing: told here, so that
-- a misspelt or new name is not lost in silence.
{{ config(severity='warn') }}

with

events as (select * from {{ ref('stg_web__events') }}),

event_types as (select * from {{ ref('event_types') }}),

named as (
    select
        event_name,
        count(*) as event_count
    from events
    group by event_name
),

final as (
    select
        named.event_count,
        'web/events: ' || cast(named.event_count as {{ dbt.type_string() }})
        || ' events are named ' || named.event_name
        || ', which is no row of seeds/event_types.csv: they count with weight 0' as problem
    from named
    left join event_types on named.event_name = event_types.event_name
    where event_types.event_name is null
)

select * from final
order by event_count desc, problem
