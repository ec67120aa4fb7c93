{{ config(access='private', schema='intermediate') }}

with

outlooks as (select * from {{ ref('int_experiment_outlooks') }}),

experiment_segments as (select * from {{ ref('int_experiment_segments') }}),

history as (select * from {{ ref('segment_membership_history') }}),

stability as (select * from {{ ref('segment_stability') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

profiles as (
    select * from {{ ref('int_customer_profiles') }}
    where is_targetable
),

barred as (select * from {{ ref('int_experiment_barred_customers') }}),

observed_days as (
    -- Days of the latest eight weeks of which the day before was observed too: only there is known
    -- who came on the day itself.
    select as_of_date
    from stability
    where
        as_of_date <= cast({{ as_of() }} as date)
        and as_of_date > cast({{ dbt.dateadd('day', -56, as_of()) }} as date)
        and {{ dbt.datediff('previous_as_of_date', 'as_of_date', 'day') }} = 1
    group by as_of_date
),

observed as (
    select count(*) as day_count from observed_days
),

arrivals as (
    select
        outlooks.experiment_key,
        outlooks.unit_type,
        coalesce(identity_map.customer_id, history.customer_id) as customer_id,
        history.valid_from as arrived_on
    from outlooks
    inner join experiment_segments
        on outlooks.experiment_key = experiment_segments.experiment_key
    inner join history
        on
            experiment_segments.segment_id = history.segment_id
            and history.valid_from <= cast({{ as_of() }} as date)
    left join identity_map on history.customer_id = identity_map.identifier_key
    where outlooks.segment_id is not null
    union all
    -- No segment: everyone, from the day on that somebody was seen first.
    select
        outlooks.experiment_key,
        outlooks.unit_type,
        profiles.customer_id,
        cast({{ dbt.dateadd('day', 1, 'profiles.first_seen_at') }} as date) as arrived_on
    from outlooks
    cross join profiles
    where outlooks.segment_id is null
),

first_arrivals as (
    -- Who comes back is no new unit.
    select
        arrivals.experiment_key,
        arrivals.unit_type,
        case
            when arrivals.unit_type = 'account' then profiles.account_id
            else arrivals.customer_id
        end as unit_id,
        min(arrivals.arrived_on) as arrived_on
    from arrivals
    inner join profiles on arrivals.customer_id = profiles.customer_id
    left join barred
        on
            arrivals.experiment_key = barred.experiment_key
            and arrivals.customer_id = barred.customer_id
    where barred.customer_id is null
    group by
        arrivals.experiment_key,
        arrivals.unit_type,
        case
            when arrivals.unit_type = 'account' then profiles.account_id
            else arrivals.customer_id
        end
),

counted as (
    select
        first_arrivals.experiment_key,
        count(observed_days.as_of_date) as observed_count,
        count(*) filter (
            where first_arrivals.arrived_on > cast({{ dbt.dateadd('day', -56, as_of()) }} as date)
        ) as recent_count
    from first_arrivals
    left join observed_days on first_arrivals.arrived_on = observed_days.as_of_date
    where first_arrivals.unit_id is not null
    group by first_arrivals.experiment_key
),

final as (
    select
        outlooks.experiment_key,
        case when outlooks.segment_id is null then 56 else observed.day_count end
            as observed_days,
        case
            when outlooks.enrolment = 'batch' then 'batch'
            when outlooks.assignment_source = 'external' then 'assigned_elsewhere'
            when outlooks.segment_id is null then 'first_seen'
            when observed.day_count < 7 then 'too_few_days'
            else 'history'
        end as inflow_basis,
        -- Those of the slice that are enrolled, as the plan has it.
        case
            when outlooks.enrolment = 'batch' then cast(0 as double)
            when outlooks.assignment_source = 'external' then null
            when outlooks.segment_id is null
                then coalesce(counted.recent_count, 0) / cast(56 as double)
            when observed.day_count >= 7
                then coalesce(counted.observed_count, 0) / cast(observed.day_count as double)
        end * (outlooks.layer_to - outlooks.layer_from) * outlooks.planned_share as inflow_per_day
    from outlooks
    cross join observed
    left join counted on outlooks.experiment_key = counted.experiment_key
)

select * from final
