-- A view: see the materialization by_day. A touch does not say when it arrived.
{{ config(materialized='view') }}

with source as (
    select * from {{ source('ads', 'touches') }}
),

final as (
    select
        {{ day_of('touched_at') }} as day,
        touched_at as happened_at,
        cast(null as timestamp) as arrived_at
    from source
)

select * from final
