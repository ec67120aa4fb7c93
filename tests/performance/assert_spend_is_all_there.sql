-- What was spent before as_of is a segment's or nobody's, but for the rounding of sums. What was refused
-- stands in rejected_rows, which rows_reconcile counts.
with

accepted as (
    select {{ stable_sum('spend_reporting_amount') }} as spend_amount
    from {{ ref('stg_ads__daily_delivery') }}
    where delivery_date < cast({{ as_of() }} as date)
),

placed_rows as (
    select spend_amount from {{ ref('segment_performance') }}
    union all
    select spend_amount from {{ ref('unassigned_spend') }}
),

placed as (
    select {{ stable_sum('spend_amount') }} as spend_amount
    from placed_rows
),

final as (
    select
        accepted.spend_amount as accepted_amount,
        placed.spend_amount as placed_amount,
        'ads/daily_delivery: ' || {{ in_words('accepted.spend_amount') }}
        || ' was spent, and segment_performance and unassigned_spend hold '
        || coalesce({{ in_words('placed.spend_amount') }}, 'none of it') as problem
    from accepted
    cross join placed
    where abs(coalesce(accepted.spend_amount, 0) - coalesce(placed.spend_amount, 0)) > 1e-6
)

select * from final
