-- A build for a day before the newest batch sends nothing, removals of erased people included. Who
-- builds a past day again wants that; an as_of that was once set too far ahead silences every build
-- until its day.
{{ config(severity='warn') }}

with

sent as (
    select max(as_of) as as_of
    from {{ ref('int_audience_batch_rows') }}
),

waiting as (
    select count(distinct customer_id) as people
    from {{ ref('int_audience_batch_rows') }}
    where customer_id like 'erased:%'
),

final as (
    select
        'int_audience_batch_rows: a batch was made for ' || cast(cast(sent.as_of as date) as string)
        || ', so that nothing is sent until then; ' || cast(waiting.people as string)
        || ' erased people wait to be removed (docs/troubleshooting.md)' as problem
    from sent
    cross join waiting
    where sent.as_of > {{ as_of() }}
)

select * from final
