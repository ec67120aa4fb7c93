with

touches as (select * from {{ ref('int_conversion_touches') }}),

weighed as (
    -- Against the last touch, whose weight is 1: only the ratios of the weights count.
    select
        *,
        power(
            2e0,
            -{{ dbt.datediff('touched_at', 'last_touched_at', 'second') }}
            / (86400e0 * {{ var('attribution_half_life_days') }})
        ) as decay_weight
    from touches
),

shared as (
    select
        *,
        case when touch_number = 1 then 1e0 else 0e0 end as first_credit,
        case when touch_number = touch_count then 1e0 else 0e0 end as last_credit,
        1e0 / touch_count as linear_credit,
        case
            when touch_count <= 2 then 1e0 / touch_count
            when touch_number in (1, touch_count) then 0.4e0
            else 0.2e0 / (touch_count - 2)
        end as position_credit,
        decay_weight / {{ stable_sum('decay_weight', over='partition by order_id') }}
            as time_decay_credit
    from weighed
),

credits as (
    select *, 'first' as model, first_credit as credit from shared
    union all
    select *, 'last' as model, last_credit as credit from shared
    union all
    select *, 'linear' as model, linear_credit as credit from shared
    union all
    select *, 'position_based' as model, position_credit as credit from shared
    union all
    select *, 'time_decay' as model, time_decay_credit as credit from shared
),

final as (
    select
        order_id,
        touch_date,
        touch_id,
        model,
        credit,
        customer_id,
        campaign_id,
        touched_at,
        ordered_at,
        credit * reporting_amount as revenue_amount,
        '{{ var("reporting_currency") }}' as currency_code
    from credits
    where credit > 0
)

select * from final
