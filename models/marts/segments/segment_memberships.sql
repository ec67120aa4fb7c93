with

candidates as (select * from {{ ref('int_segment_candidates') }}),

families as (
    {{ segment_family_rows() }}
),

profiles as (select * from {{ ref('int_customer_profiles') }}),

allowed as (
    -- The one place where people who must not be addressed leave every segment, and those whose
    -- qualifying act is older than the family may remember.
    select
        candidates.segment_id,
        candidates.family,
        candidates.variant,
        candidates.lookback_days,
        candidates.customer_id,
        candidates.qualified_at,
        candidates.score,
        families.keep_top
    from candidates
    inner join families on candidates.family = families.family
    inner join profiles on candidates.customer_id = profiles.customer_id
    where
        profiles.is_targetable
        and candidates.qualified_at
        >= {{ dbt.dateadd('day', '-families.retention_days', as_of()) }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by segment_id
            order by score desc, customer_id
        ) as score_rank
    from allowed
    where keep_top is not null
),

final as (
    select
        segment_id,
        family,
        variant,
        lookback_days,
        customer_id,
        qualified_at,
        score
    from allowed
    where keep_top is null
    union all
    -- Where the family says so, the strongest alone.
    select
        segment_id,
        family,
        variant,
        lookback_days,
        customer_id,
        qualified_at,
        score
    from ranked
    where score_rank <= keep_top
)

select * from final
