with

candidates as (
    select
        *,
        count(*) over (partition by destination_key, segment_id) as audience_size
    from {{ ref('int_audience_candidates') }}
    where exclusion_reason is null
),

addresses as (select * from {{ ref('int_customer_addresses') }}),

decisions as (select * from {{ ref('creative_decisions') }}),

final as (
    -- An audience below the destination's minimum is withheld: few people are easy to single out.
    select
        candidates.destination_key,
        candidates.segment_id,
        candidates.customer_id,
        case candidates.platform
            when 'google' then addresses.google_email_sha256
            else addresses.email_sha256
        end as email_sha256,
        case candidates.platform
            when 'meta' then addresses.meta_phone_sha256
            else addresses.phone_sha256
        end as phone_sha256,
        case candidates.platform
            when 'google' then addresses.google_first_name_sha256
            when 'meta' then addresses.meta_first_name_sha256
        end as first_name_sha256,
        case candidates.platform
            when 'google' then addresses.google_last_name_sha256
            when 'meta' then addresses.meta_last_name_sha256
        end as last_name_sha256,
        case candidates.platform
            when 'google' then addresses.country_code
            when 'meta' then addresses.meta_country_sha256
        end as country,
        case candidates.platform
            when 'google' then addresses.postal_code
            when 'meta' then addresses.meta_postal_code_sha256
        end as postal_code,
        decisions.creative_key,
        candidates.bid_modifier,
        {{ as_of() }} as as_of
    from candidates
    inner join addresses on candidates.customer_id = addresses.customer_id
    left join decisions on candidates.customer_id = decisions.customer_id
    where candidates.audience_size >= candidates.min_audience_size
)

select * from final
