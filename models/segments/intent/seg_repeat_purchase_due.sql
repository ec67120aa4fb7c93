with

rhythms as (select * from {{ ref('int_customer_purchase_rhythms') }})

select
    customer_id,
    cast(null as integer) as lookback_days,
    case when days_until_due >= 0 then 'due_soon' else 'overdue' end as variant,
    last_ordered_at as qualified_at,
    gap_count as score
from rhythms
-- Who is late by more than another such gap has left the rhythm.
where days_until_due < 7 and -days_until_due <= median_gap_days
