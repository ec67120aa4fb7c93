with

candidates as (
    select * from {{ ref('int_audience_candidates') }}
    where has_consent and not is_held_out and not is_control
),

identity_map as (
    select * from {{ ref('int_identity_map') }}
    where identifier_type in ('email', 'phone')
),

ranked_addresses as (
    select
        customer_id,
        identifier_type,
        identifier_value,
        row_number() over (
            partition by customer_id, identifier_type
            order by first_seen_at, identifier_value
        ) as address_rank
    from identity_map
),

addresses as (
    -- The address first seen stands for the person; who has none cannot be reached.
    select
        customer_id,
        max(case when identifier_type = 'email' then identifier_value end) as email_sha256,
        max(case when identifier_type = 'phone' then identifier_value end) as phone_sha256
    from ranked_addresses
    where address_rank = 1
    group by customer_id
),

reachable as (
    select
        candidates.*,
        addresses.email_sha256,
        addresses.phone_sha256,
        count(*) over (
            partition by candidates.destination_key, candidates.segment_id
        ) as audience_size
    from candidates
    inner join addresses on candidates.customer_id = addresses.customer_id
),

final as (
    -- An audience below the destination's minimum is withheld: few people are easy to single out.
    select
        destination_key,
        segment_id,
        customer_id,
        email_sha256,
        phone_sha256,
        bid_modifier,
        {{ as_of() }} as as_of
    from reachable
    where audience_size >= min_audience_size
)

select * from final
