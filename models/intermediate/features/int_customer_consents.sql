with

consents as (
    select * from {{ ref('stg_crm__consents') }}
    where recorded_at < {{ as_of() }}
),

identity_map as (select * from {{ ref('int_identity_map') }}),

ranked as (
    -- The latest decision of any of a person's identifiers holds; at the same moment a
    -- withdrawal does.
    select
        identity_map.customer_id,
        consents.purpose,
        consents.status,
        consents.recorded_at,
        row_number() over (
            partition by identity_map.customer_id, consents.purpose
            order by
                consents.recorded_at desc,
                case when consents.status = 'withdrawn' then 0 else 1 end,
                consents.consent_id
        ) as decision_rank
    from consents
    inner join identity_map on consents.identifier_id = identity_map.identifier_id
),

final as (
    select
        customer_id,
        purpose,
        status = 'granted' as is_granted,
        recorded_at
    from ranked
    where decision_rank = 1
)

select * from final
