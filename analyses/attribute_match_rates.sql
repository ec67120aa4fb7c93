-- What of the attributes that were bought or shared meets a customer? A provider whose rate is low
-- describes other people, or names them by identifiers that are never seen here.
-- Run it with: dbt show -s attribute_match_rates --limit 50
with

attributes as (
    select * from {{ ref('stg_enrichment__attributes') }}
    where
        observed_at < {{ as_of() }}
        and (expires_at is null or expires_at > {{ as_of() }})
),

known_identifiers as (
    select identifier_id
    from {{ ref('int_identity_map') }}
    union
    select {{ identifier_id("'account_id'", 'account_id') }} as identifier_id
    from {{ ref('int_identity_accounts') }}
),

final as (
    select
        attributes.provider,
        attributes.attribute_name,
        attributes.identifier_type,
        count(*) as row_count,
        count(*) filter (where known_identifiers.identifier_id is null) as unknown_count,
        count(known_identifiers.identifier_id) / cast(count(*) as double) as match_rate
    from attributes
    left join known_identifiers on attributes.identifier_id = known_identifiers.identifier_id
    group by attributes.provider, attributes.attribute_name, attributes.identifier_type
)

select * from final
order by match_rate, provider, attribute_name, identifier_type
