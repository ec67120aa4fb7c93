with

candidates as (select * from {{ ref('int_segment_candidates') }}),

profiles as (select * from {{ ref('int_customer_profiles') }}),

final as (
    -- The one place where people who must not be addressed leave every segment.
    select
        candidates.segment_id,
        candidates.family,
        candidates.variant,
        candidates.lookback_days,
        candidates.customer_id,
        candidates.qualified_at,
        candidates.score
    from candidates
    inner join profiles on candidates.customer_id = profiles.customer_id
    where profiles.is_targetable
)

select * from final
