-- A view, of which each run asks only for what arrived: see the materialization by_day.
{{ config(materialized='view') }}

with source as (
    select * from {{ source('web', 'events') }}
),

final as (
    select
        {{ day_of('occurred_at') }} as day,
        occurred_at as happened_at,
        received_at as arrived_at
    from source
)

select * from final
