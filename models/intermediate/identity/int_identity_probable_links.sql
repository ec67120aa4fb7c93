with

{% if var('probabilistic_matching') -%}
matches as (select * from {{ ref('stg_crm__contact_matches') }}),
{%- else -%}
matches as (
    select
        cast(null as {{ dbt.type_string() }}) as left_contact_id,
        cast(null as {{ dbt.type_string() }}) as right_contact_id,
        cast(null as double) as match_weight,
        cast(null as double) as match_probability
    where false
),
{%- endif %}

contacts as (
    select contact_id
    from {{ ref('stg_crm__contacts') }}
    where created_at < {{ as_of() }}
    union all
    select contact_id
    from {{ ref('stg_privacy__past_sightings') }}
    where evidence = 'contact' and seen_at < {{ as_of() }}
),

identity_map as (select * from {{ ref('int_identity_map') }}),

contact_customers as (
    select
        contacts.contact_id,
        identity_map.customer_id
    from contacts
    inner join identity_map
        on {{ identifier_id("'contact_id'", 'contacts.contact_id') }} = identity_map.identifier_id
),

-- A pair that identifiers link already is one customer and needs no probability. The smaller
-- customer_id stands on the left, its contact with it.
customer_pairs as (
    select
        least(one.customer_id, other.customer_id) as left_customer_id,
        greatest(one.customer_id, other.customer_id) as right_customer_id,
        matches.match_weight,
        matches.match_probability,
        case
            when one.customer_id < other.customer_id then one.contact_id else other.contact_id
        end as left_contact_id,
        case
            when one.customer_id < other.customer_id then other.contact_id else one.contact_id
        end as right_contact_id
    from matches
    inner join contact_customers as one on matches.left_contact_id = one.contact_id
    inner join contact_customers as other on matches.right_contact_id = other.contact_id
    where
        matches.match_probability >= {{ var('match_probability_threshold') }}
        and one.customer_id <> other.customer_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by left_customer_id, right_customer_id
            order by match_weight desc, left_contact_id, right_contact_id
        ) as evidence_rank
    from customer_pairs
),

final as (
    select
        left_customer_id,
        right_customer_id,
        match_weight,
        match_probability,
        left_contact_id,
        right_contact_id
    from ranked
    where evidence_rank = 1
)

select * from final
