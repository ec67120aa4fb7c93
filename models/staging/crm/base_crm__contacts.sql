{{ config(materialized='table') }}

with checked as (
    select * from {{ ref('base_crm__checked_contacts') }}
),

erased as (
    select * from {{ ref('base_privacy__marked_identifiers') }}
    where source_table = 'crm/contacts' and marks <> 'shared_identifier'
),

judged as (
    select
        *,
        {{ is_erased([
            identifier_id("'contact_id'", 'contact_id'),
            identifier_id("'user_id'", 'user_id'),
            identifier_id("'email'", 'email_hash'),
            identifier_id("'phone'", 'phone_hash'),
        ]) }} as is_erased,
        {{ is_past_retention('crm/contacts', 'coalesce(updated_at, created_at)') }}
            as is_past_retention,
        {{ is_ageless('crm/contacts', 'coalesce(updated_at, created_at)') }} as is_ageless
    from checked
),

kept as (
    select *
    from judged
    where not is_erased and not is_ageless
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
                google_email_hash asc nulls last,
                google_first_name_hash asc nulls last,
                google_last_name_hash asc nulls last,
                meta_phone_hash asc nulls last,
                meta_first_name_hash asc nulls last,
                meta_last_name_hash asc nulls last,
                meta_country_hash asc nulls last,
                meta_postal_code_hash asc nulls last,
                postal_code asc nulls last,
                country_code asc nulls last,
                account_id asc nulls last,
                lifecycle_stage asc nulls last,
                is_internal asc nulls last,
                unusable_id_count asc,
                has_unusable_email asc,
                has_unusable_phone asc
        ) as copy_number
    from kept
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
        updated_at,
        row_key,
        reject_reason,
        case
            when reject_reason is not null then {{ row_json([
                'contact_id', 'user_id', 'email_hash', 'phone_hash', 'first_name_hash',
                'last_name_hash', 'postal_code', 'country_code', 'account_id', 'lifecycle_stage',
                'is_internal', 'created_at', 'updated_at',
            ]) }}
        end as row_json,
        cast(null as {{ dbt.type_string() }}) as removal_reason
    from decided
    where not is_past_retention
    union all
    -- Which identifiers it showed together outlives an accepted row: stg_privacy__past_sightings.
    select
        case when reject_reason is null then contact_id end as contact_id,
        case when reject_reason is null then user_id end as user_id,
        case when reject_reason is null then email_hash end as email_hash,
        case when reject_reason is null then phone_hash end as phone_hash,
        {{ no_values([
            'first_name_hash', 'last_name_hash', 'google_email_hash', 'google_first_name_hash',
            'google_last_name_hash', 'meta_phone_hash', 'meta_first_name_hash',
            'meta_last_name_hash', 'meta_country_hash', 'meta_postal_code_hash', 'postal_code',
            'country_code', 'account_id', 'lifecycle_stage', 'is_internal', 'unusable_id_count',
            'has_unusable_email', 'has_unusable_phone', 'has_mixed_script_email',
        ]) }},
        case when reject_reason is null then created_at end as created_at,
        {{ no_values(['updated_at', 'row_key', 'reject_reason', 'row_json']) }},
        'past_retention' as removal_reason
    from decided
    where is_past_retention
    union all
    -- What stays of a row that the build must not hold; stg_privacy__removed_rows counts it.
    select
        {{ no_values([
            'contact_id', 'user_id', 'email_hash', 'phone_hash', 'first_name_hash',
            'last_name_hash', 'google_email_hash', 'google_first_name_hash',
            'google_last_name_hash', 'meta_phone_hash', 'meta_first_name_hash',
            'meta_last_name_hash', 'meta_country_hash', 'meta_postal_code_hash', 'postal_code',
            'country_code', 'account_id', 'lifecycle_stage', 'is_internal', 'unusable_id_count',
            'has_unusable_email', 'has_unusable_phone', 'has_mixed_script_email', 'created_at',
            'updated_at',
        ]) }},
        {{ left_of_removed_row() }}
    from judged
    where is_erased or is_ageless
)

select * from final
