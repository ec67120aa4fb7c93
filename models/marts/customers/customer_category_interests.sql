with

interests as (select * from {{ ref('int_customer_category_interests') }}),

final as (
    select
        customer_id,
        lookback_days,
        category,
        view_count,
        cart_add_count,
        order_count,
        interest_score,
        interest_share,
        interest_rank,
        last_active_at
    from interests
)

select * from final
