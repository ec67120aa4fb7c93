with

recovered_carts as (select * from {{ ref('int_customer_recovered_carts') }})

select
    customer_id,
    lookback_days,
    main_category || '-' || value_band as variant,
    ordered_at as qualified_at,
    cart_amount as score
from recovered_carts
-- Who orders at once left no cart behind.
where ordered_at >= first_added_at + interval '1' hour
