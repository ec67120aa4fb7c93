{{ config(materialized='table') }}

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
checked as (
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
),

-- Of contacts that repeat a key the one that changed last counts. A row refused for another reason
-- takes no part. All columns follow, so that the order is total.
ranked as (
    select
        *,
        row_number() over (
            partition by contact_id, reason is null
            order by
                coalesce(updated_at, created_at) desc nulls last,
                created_at asc nulls last,
                user_id asc nulls last,
                email_hash asc nulls last,
                phone_hash asc nulls last,
                first_name_hash asc nulls last,
                last_name_hash asc nulls last,
                postal_code asc nulls last,
                country_code asc nulls last,
                account_id asc nulls last,
                lifecycle_stage asc nulls last,
                is_internal asc nulls last,
                unusable_id_count asc,
                has_unusable_email asc,
                has_unusable_phone asc
        ) as copy_number
    from checked
),

decided as (
    select
        *,
        {{ row_key(['contact_id']) }} as row_key,
        case
            when reason is not null then reason
            when copy_number > 1 then 'duplicate_key'
        end as reject_reason
    from ranked
),

final as (
    select
        contact_id,
        user_id,
        email_hash,
        phone_hash,
        first_name_hash,
        last_name_hash,
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
        updated_at,
        row_key,
        reject_reason,
        case
            when reject_reason is not null then {{ row_json([
                'contact_id', 'user_id', 'email_hash', 'phone_hash', 'first_name_hash',
                'last_name_hash', 'postal_code', 'country_code', 'account_id', 'lifecycle_stage',
                'is_internal', 'created_at', 'updated_at',
            ]) }}
        end as row_json
    from decided
)

select * from final
