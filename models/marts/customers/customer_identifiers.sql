with

identity_map as (select * from {{ ref('int_identity_map') }}),

people as (select * from {{ ref('int_identity_people') }}),

final as (
    select
        identity_map.identifier_type,
        identity_map.identifier_value,
        identity_map.customer_id,
        nullif(identity_map.identifier_key, identity_map.customer_id) as former_customer_id,
        identity_map.merged_at,
        people.person_id,
        case
            when identity_map.customer_id = people.person_id then 'deterministic'
            else 'probabilistic'
        end as match_type,
        cast(people.match_probability as double) as confidence,
        identity_map.first_seen_at,
        identity_map.last_seen_at
    from identity_map
    inner join people on identity_map.customer_id = people.customer_id
)

select * from final
