with contacts as (
    select * from {{ ref('base_crm__contacts') }}
),

final as (
    select
        contact_id,
        user_id,
        email_hash,
        phone_hash,
        first_name_hash,
        last_name_hash,
        google_email_hash,
        google_first_name_hash,
        google_last_name_hash,
        meta_phone_hash,
        meta_first_name_hash,
        meta_last_name_hash,
        meta_country_hash,
        meta_postal_code_hash,
        postal_code,
        country_code,
        account_id,
        lifecycle_stage,
        is_internal,
        unusable_id_count,
        has_unusable_email,
        has_unusable_phone,
        has_mixed_script_email,
        created_at,
        updated_at
    from contacts
    where reject_reason is null and removal_reason is null
)

select * from final
