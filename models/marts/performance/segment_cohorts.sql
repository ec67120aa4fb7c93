{#- Days of entries: half a year, or as long as ended memberships and orders are held. -#}
{%- set days = [
    182, var('segment_history_days'), var('retention_days').get('shop/orders', 0)
] | select | min -%}

with

history as (
    select * from {{ ref('segment_membership_history') }}
    where valid_from <= cast({{ as_of() }} as date)
),

identity_map as (select * from {{ ref('int_identity_map') }}),

customer_orders as (select * from {{ ref('int_customer_orders') }}),

weeks as (
    select 0 as week_number
    union all
    select 1 as week_number
    union all
    select 2 as week_number
    union all
    select 3 as week_number
    union all
    select 4 as week_number
    union all
    select 5 as week_number
    union all
    select 6 as week_number
    union all
    select 7 as week_number
),

first_days as (
    select
        segment_id,
        min(valid_from) as first_seen_on
    from history
    group by segment_id
),

entries as (
    -- The first entry of a person, also of one who was several customers then.
    select
        history.segment_id,
        coalesce(identity_map.customer_id, history.customer_id) as customer_id,
        min(history.valid_from) as entered_on
    from history
    left join identity_map on history.customer_id = identity_map.identifier_key
    group by history.segment_id, coalesce(identity_map.customer_id, history.customer_id)
),

known_entries as (
    -- Who was in on the first day that is known of the segment came in at a time that is not known.
    select
        entries.segment_id,
        entries.customer_id,
        entries.entered_on,
        cast({{ dbt.date_trunc('week', 'entries.entered_on') }} as date) as entry_week
    from entries
    inner join first_days on entries.segment_id = first_days.segment_id
    where entries.entered_on > first_days.first_seen_on
),

members as (
    -- By the Monday, so that no week is cut in two.
    select * from known_entries
    where cast(entry_week as timestamp) >= {{ dbt.dateadd('day', -days, as_of()) }}
),

member_weeks as (
    -- What a member ordered in which week since the entry.
    select
        members.segment_id,
        members.entry_week,
        members.customer_id,
        floor(
            {{ dbt.datediff('members.entered_on', 'customer_orders.ordered_at', 'day') }} / 7e0
        ) as week_number,
        {{ stable_sum('customer_orders.reporting_amount') }} as revenue_amount
    from members
    inner join customer_orders
        on
            members.customer_id = customer_orders.customer_id
            and customer_orders.ordered_at >= members.entered_on
    group by
        members.segment_id,
        members.entry_week,
        members.customer_id,
        floor(
            {{ dbt.datediff('members.entered_on', 'customer_orders.ordered_at', 'day') }} / 7e0
        )
),

ranked as (
    select
        *,
        row_number() over (
            partition by segment_id, entry_week, customer_id
            order by week_number
        ) as week_rank
    from member_weeks
),

ordered as (
    select
        segment_id,
        entry_week,
        week_number,
        count(*) as ordering_customers,
        count(*) filter (where week_rank = 1) as first_ordering_customers,
        {{ stable_sum('revenue_amount') }} as revenue_amount
    from ranked
    group by segment_id, entry_week, week_number
),

cohorts as (
    select
        segment_id,
        entry_week,
        count(*) as entered_customers,
        min(entered_on) as first_entered_on,
        max(entered_on) as last_entered_on
    from members
    group by segment_id, entry_week
),

begun as (
    select
        cohorts.segment_id,
        cohorts.entry_week,
        weeks.week_number,
        cohorts.entered_customers,
        cast(
            {{ dbt.dateadd('day', '7 * weeks.week_number + 7', 'cohorts.last_entered_on') }} as date
        ) <= cast({{ as_of() }} as date) as is_complete
    from cohorts
    cross join weeks
    where
        cast({{ dbt.dateadd('day', '7 * weeks.week_number', 'cohorts.first_entered_on') }} as date)
        <= cast({{ as_of() }} as date)
),

accumulated as (
    select
        begun.segment_id,
        begun.entry_week,
        begun.week_number,
        begun.entered_customers,
        begun.is_complete,
        coalesce(ordered.ordering_customers, 0) as ordering_customers,
        coalesce(ordered.revenue_amount, 0) as revenue_amount,
        cast(coalesce(sum(ordered.first_ordering_customers) over (
            partition by begun.segment_id, begun.entry_week
            order by begun.week_number
            rows between unbounded preceding and current row
        ), 0) as bigint) as converted_customers
    from begun
    left join ordered
        on
            begun.segment_id = ordered.segment_id
            and begun.entry_week = ordered.entry_week
            and begun.week_number = ordered.week_number
),

final as (
    select
        segment_id,
        entry_week,
        week_number,
        entered_customers,
        ordering_customers,
        converted_customers,
        {{ share_of('converted_customers', 'entered_customers') }} as conversion_rate,
        revenue_amount,
        '{{ var("reporting_currency") }}' as currency_code,
        is_complete
    from accumulated
)

select * from final
