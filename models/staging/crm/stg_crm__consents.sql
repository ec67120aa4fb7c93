with consents as (
    select * from {{ ref('base_crm__consents') }}
),

final as (
    select
        consent_id,
        identifier_type,
        identifier_value,
        identifier_id,
        purpose,
        status,
        recorded_at,
        consent_source
    from consents
    where reject_reason is null and removal_reason is null
)

select * from final
