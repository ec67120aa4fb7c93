with

candidates as (
    select * from {{ ref('int_audience_candidates') }}
    where has_consent and not is_suppressed and not is_held_out and not is_control
),

addresses as (select * from {{ ref('int_customer_addresses') }}),

reachable as (
    -- Who gave no address cannot be reached.
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
