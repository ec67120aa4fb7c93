with

candidates as (select * from {{ ref('int_segment_candidates') }}),

families as (
    {{ segment_family_rows() }}
),

profiles as (select * from {{ ref('int_customer_profiles') }}),

final as (
    -- The one place where people who must not be addressed leave every segment, and those whose
    -- qualifying act is older than the family may remember.
    select
        candidates.segment_id,
        candidates.family,
        candidates.variant,
        candidates.lookback_days,
        candidates.customer_id,
        candidates.qualified_at,
        candidates.score
    from candidates
    inner join families on candidates.family = families.family
    inner join profiles on candidates.customer_id = profiles.customer_id
    where
        profiles.is_targetable
        and candidates.qualified_at
        >= {{ dbt.dateadd('day', '-families.retention_days', as_of()) }}
)

select * from final
