with

customers as (select * from {{ ref('customers') }}),

deliveries as (select * from {{ ref('segment_performance') }}),

assignments as (select * from {{ ref('experiment_assignments') }}),

first_dates as (
    select min(cast(first_seen_at as date)) as first_date from customers
    union all
    select min(delivery_date) as first_date from deliveries
    union all
    select min(cast(assigned_at as date)) as first_date from assignments
    union all
    -- Where there is no data yet; and a ledger that is older than a past as_of starts no later.
    select cast({{ as_of() }} as date) as first_date
),

bounds as (
    select
        min(first_date) as starts_on,
        cast({{ as_of() }} as date) as ends_on
    from first_dates
),

final as (
    select {{ each_day('starts_on', 'ends_on') }} as calendar_date
    from bounds
)

select * from final
