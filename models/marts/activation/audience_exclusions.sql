with

candidates as (select * from {{ ref('int_audience_candidates') }}),

audience_members as (select * from {{ ref('audience_members') }}),

final as (
    -- Whom nothing speaks against is left out with an audience that is withheld whole.
    select
        candidates.destination_key,
        candidates.segment_id,
        candidates.customer_id,
        coalesce(candidates.exclusion_reason, 'audience_too_small') as reason,
        {{ as_of() }} as as_of
    from candidates
    left join audience_members
        on
            candidates.destination_key = audience_members.destination_key
            and candidates.segment_id = audience_members.segment_id
            and candidates.customer_id = audience_members.customer_id
    where audience_members.customer_id is null
)

select * from final
