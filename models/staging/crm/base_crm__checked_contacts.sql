{{ config(materialized='view') }}

with source as (
    select * from {{ source('crm', 'contacts') }}
),

cleaned as (
    select
        {{ clean_id('contact_id') }} as contact_id,
        {{ clean_id('user_id') }} as user_id,
        {{ hash_email('email') }} as email_hash,
        {{ hash_phone('phone') }} as phone_hash,
        {{ hash_name('first_name') }} as first_name_hash,
        {{ hash_name('last_name') }} as last_name_hash,
        {{ google_email_hash('email') }} as google_email_hash,
        {{ google_name_hash('first_name') }} as google_first_name_hash,
        {{ google_name_hash('last_name') }} as google_last_name_hash,
        {{ meta_phone_hash('phone') }} as meta_phone_hash,
        {{ meta_name_hash('first_name') }} as meta_first_name_hash,
        {{ meta_name_hash('last_name') }} as meta_last_name_hash,
        {{ meta_country_hash('country_code') }} as meta_country_hash,
        {{ meta_postal_code_hash('postal_code', 'country_code') }} as meta_postal_code_hash,
        {{ clean_text('postal_code') }} as postal_code,
        upper({{ clean_text('country_code') }}) as country_code,
        {{ clean_id('account_id') }} as account_id,
        {{ clean_text('user_id') }} is not null as has_user_id,
        {{ clean_text('account_id') }} is not null as has_account_id,
        {{ clean_text('email') }} is not null as has_email,
        {{ clean_text('phone') }} is not null as has_phone,
        {{ has_mixed_scripts('email') }} as has_mixed_script_email,
        {{ clean_text('lifecycle_stage') }} as lifecycle_stage,
        coalesce(is_internal, false) as is_internal,
        created_at,
        updated_at
    from source
),

-- The first reason that holds is the row's reason.
final as (
    select
        *,
        cast(has_user_id and user_id is null as integer)
        + cast(has_account_id and account_id is null as integer) as unusable_id_count,
        has_email and email_hash is null as has_unusable_email,
        has_phone and phone_hash is null as has_unusable_phone,
        case
            when contact_id is null then 'null_key'
            when created_at is null then 'missing_created_at'
            when {{ is_too_old('created_at') }} then 'timestamp_too_old'
            when {{ is_too_old('updated_at') }} then 'timestamp_too_old'
            when {{ is_in_future('created_at') }} then 'timestamp_in_future'
            when {{ is_in_future('updated_at') }} then 'timestamp_in_future'
        end as reason
    from cleaned
)

select * from final
