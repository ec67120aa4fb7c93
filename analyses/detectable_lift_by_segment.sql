-- What could each segment tell? The smallest relative lift in purchase rate that an even split of
-- today's members finds with 80 % power at a two-sided error rate of 5 %, from the members' own
-- purchases in the latest eight weeks. Before you launch on a segment, ask whether any message
-- could cause as much.
-- Run it with: dbt show -s detectable_lift_by_segment --limit 50
with

memberships as (select * from {{ ref('segment_memberships') }}),

sizes as (
    select * from {{ ref('segment_sizes') }}
    where as_of_date = cast({{ as_of() }} as date)
),

orders as (select * from {{ ref('int_identifier_orders') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

recent_buyers as (
    select identity_map.customer_id
    from orders
    inner join identity_map on orders.identifier_id = identity_map.identifier_id
    where
        orders.is_completed
        and orders.ordered_at >= {{ dbt.dateadd('day', -56, as_of()) }}
    group by identity_map.customer_id
),

rates as (
    select
        memberships.segment_id,
        count(recent_buyers.customer_id) / cast(count(*) as double) as purchase_rate
    from memberships
    left join recent_buyers on memberships.customer_id = recent_buyers.customer_id
    group by memberships.segment_id
),

final as (
    select
        sizes.segment_id,
        sizes.member_count,
        sizes.size_status,
        rates.purchase_rate,
        -- (z for alpha + z for power) * sigma * sqrt(1/n_t + 1/n_c), over the base rate
        -- Null below 20 members, and where none or all of them bought: nothing to judge by.
        case
            when sizes.member_count >= 20 and rates.purchase_rate > 0 and rates.purchase_rate < 1
                then
                    ({{ normal_quantile('0.975') }} + {{ normal_quantile('0.8') }})
                    * sqrt(rates.purchase_rate * (1 - rates.purchase_rate))
                    * sqrt(4.0 / sizes.member_count)
                    / rates.purchase_rate
        end as detectable_relative_lift
    from sizes
    inner join rates on sizes.segment_id = rates.segment_id
)

select * from final
order by detectable_relative_lift nulls last, segment_id
