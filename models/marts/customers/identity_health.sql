with

customers as (select * from {{ ref('int_identity_customers') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

shared_identifiers as (select * from {{ ref('int_identity_shared_identifiers') }}),

sightings as (select * from {{ ref('int_identity_sightings') }}),

checks (check_name, allowed_share, finding, remedy) as (
    -- What may be found without a word is a share of what was checked: some tablets are shared.
    values
    (
        'oversized_customers', 0,
        'customers hold more identifiers than max_identifiers_per_customer',
        'Look for what they share in int_identity_edges; lower max_users_per_identifier'
    ),
    (
        'shared_anonymous_ids', 0.01,
        'devices stand for more users than max_users_per_identifier allows and link nobody',
        'int_identity_shared_identifiers lists them'
    ),
    (
        'shared_emails', 0.01,
        'e-mail addresses stand for more people than max_users_per_identifier allows and link'
        || ' nobody',
        'int_identity_shared_identifiers lists them'
    ),
    (
        'shared_phones', 0.01,
        'phones stand for more people than max_users_per_identifier allows and link nobody',
        'int_identity_shared_identifiers lists them'
    ),
    (
        'unusable_ids', 0.01,
        'rows gave an id that is a placeholder or above 512 characters; it links nobody',
        'Have the sender leave the column empty where it has no id'
    ),
    (
        'unusable_emails', 0.01,
        'e-mail addresses are none or a placeholder and link nobody',
        'Check addresses where they are typed in; export hashes as 64 hex digits'
    ),
    (
        'unusable_phones', 0.01,
        'phones lack their country code or are a placeholder and link nobody',
        'Export them with + or 00 and the country code'
    ),
    (
        'mixed_script_emails', 0,
        'e-mail addresses mix Latin letters with look-alikes and equal no other address',
        'Correct them in the source; look-alikes can be an attempt to pose as someone'
    ),
    (
        'unlinked_contacts', 0.01,
        'contacts have no user_id, e-mail address or phone that links: nothing they do is found',
        'Add one of the three in the CRM'
    )
),

totals as (
    select
        sum(unusable_id_count) as unusable_ids,
        sum(unusable_email_count) as unusable_emails,
        sum(unusable_phone_count) as unusable_phones,
        sum(mixed_script_email_count) as mixed_script_emails,
        sum(sighting_count) as all_rows,
        sum(case when email is not null then sighting_count else 0 end) as usable_emails,
        sum(case when phone is not null then sighting_count else 0 end) as usable_phones
    from sightings
),

found as (
    select
        'oversized_customers' as check_name,
        count(*) filter (
            where identifier_count > {{ var('max_identifiers_per_customer') }}
        ) as found_count,
        count(*) as checked_count,
        max(identifier_count) as most_count
    from customers
    union all
    select
        'shared_' || identity_map.identifier_type || 's' as check_name,
        count(shared_identifiers.identifier_id) as found_count,
        count(*) as checked_count,
        max(shared_identifiers.person_count) as most_count
    from identity_map
    left join shared_identifiers
        on identity_map.identifier_id = shared_identifiers.identifier_id
    where identity_map.identifier_type in ('anonymous_id', 'email', 'phone')
    group by identity_map.identifier_type
    union all
    select
        'unusable_ids' as check_name,
        unusable_ids as found_count,
        all_rows as checked_count,
        null as most_count
    from totals
    union all
    select
        'unusable_emails' as check_name,
        unusable_emails as found_count,
        unusable_emails + usable_emails as checked_count,
        null as most_count
    from totals
    union all
    select
        'unusable_phones' as check_name,
        unusable_phones as found_count,
        unusable_phones + usable_phones as checked_count,
        null as most_count
    from totals
    union all
    select
        'mixed_script_emails' as check_name,
        mixed_script_emails as found_count,
        usable_emails as checked_count,
        null as most_count
    from totals
    union all
    select
        'unlinked_contacts' as check_name,
        count(*) filter (where customers.identifier_count = 1) as found_count,
        count(*) as checked_count,
        null as most_count
    from identity_map
    inner join customers on identity_map.customer_id = customers.customer_id
    where identity_map.identifier_type = 'contact_id'
),

-- Every check has its row, also where there was nothing to check.
counted as (
    select
        checks.check_name,
        checks.finding,
        checks.remedy,
        cast(coalesce(found.found_count, 0) as bigint) as found_count,
        cast(coalesce(found.checked_count, 0) as bigint) as checked_count,
        cast(floor(coalesce(found.checked_count, 0) * checks.allowed_share) as bigint)
            as threshold_count,
        cast(found.most_count as bigint) as most_count
    from checks
    left join found on checks.check_name = found.check_name
),

final as (
    select
        check_name,
        case
            when found_count <= threshold_count then 'pass'
            when found_count * 2 > checked_count then 'fail'
            when
                check_name = 'oversized_customers'
                and most_count > 10 * {{ var('max_identifiers_per_customer') }}
                then 'fail'
            else 'warn'
        end as status,
        found_count,
        checked_count,
        threshold_count,
        most_count,
        cast(found_count as {{ dbt.type_string() }}) || ' of '
        || cast(checked_count as {{ dbt.type_string() }}) || ' ' || finding
        || coalesce(
            ' (at most ' || cast(most_count as {{ dbt.type_string() }}) || ' in one)', ''
        )
        || '. ' || remedy || '.' as detail
    from counted
)

select * from final
