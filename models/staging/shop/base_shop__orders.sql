{{ config(materialized='table') }}

with checked as (
    select * from {{ ref('base_shop__checked_orders') }}
),

erased as (
    select * from {{ ref('base_privacy__marked_identifiers') }}
    where source_table = 'shop/orders' and marks <> 'shared_identifier'
),

judged as (
    select
        *,
        {{ is_erased([
            identifier_id("'user_id'", 'user_id'),
            identifier_id("'email'", 'email_hash'),
            identifier_id("'anonymous_id'", 'anonymous_id'),
            identifier_id("'order_id'", 'order_id'),
        ]) }} as is_erased,
        {{ is_past_retention('shop/orders', 'ordered_at') }} as is_past_retention,
        {{ is_ageless('shop/orders', 'ordered_at') }} as is_ageless
    from checked
),

kept as (
    select *
    from judged
    where not is_erased and not is_ageless
),

-- Of orders that repeat a key the first counts, and at the same moment the one that was not kept:
-- revenue is never invented. A row refused for another reason takes no part. All columns follow,
-- so that the order is total.
ranked as (
    select
        *,
        row_number() over (
            partition by order_id, reason is null
            order by
                ordered_at asc nulls last,
                case when order_status = 'completed' then 1 else 0 end asc,
                order_status asc nulls last,
                order_amount asc nulls last,
                currency_code asc nulls last,
                user_id asc nulls last,
                email_hash asc nulls last,
                google_email_hash asc nulls last,
                anonymous_id asc nulls last,
                unusable_id_count asc,
                has_unusable_email asc
        ) as copy_number
    from kept
),

decided as (
    select
        *,
        {{ row_key(['order_id']) }} as row_key,
        case
            when reason is not null then reason
            when copy_number > 1 then 'duplicate_key'
        end as reject_reason
    from ranked
),

past_retention as (
    select
        *,
        reject_reason is null and (
            (user_id is not null and coalesce(email_hash, anonymous_id) is not null)
            or (email_hash is not null and anonymous_id is not null)
        ) as is_link
    from decided
    where is_past_retention
),

final as (
    select
        order_id,
        user_id,
        email_hash,
        google_email_hash,
        anonymous_id,
        identifier_id,
        unusable_id_count,
        has_unusable_email,
        has_mixed_script_email,
        ordered_at,
        order_status,
        order_amount,
        currency_code,
        reporting_amount,
        row_key,
        reject_reason,
        case
            when reject_reason is not null then {{ row_json([
                'order_id', 'user_id', 'email_hash', 'anonymous_id', 'ordered_at', 'order_status',
                'order_amount', 'currency_code',
            ]) }}
        end as row_json,
        cast(null as {{ dbt.type_string() }}) as removal_reason
    from decided
    where not is_past_retention
    union all
    -- Which identifiers it showed together outlives an accepted row: stg_privacy__past_sightings.
    select
        {{ no_values(['order_id']) }},
        case when is_link then user_id end as user_id,
        case when is_link then email_hash end as email_hash,
        {{ no_values(['google_email_hash']) }},
        case when is_link then anonymous_id end as anonymous_id,
        {{ no_values([
            'identifier_id', 'unusable_id_count', 'has_unusable_email', 'has_mixed_script_email',
        ]) }},
        case when is_link then ordered_at end as ordered_at,
        {{ no_values([
            'order_status', 'order_amount', 'currency_code', 'reporting_amount', 'row_key',
            'reject_reason', 'row_json',
        ]) }},
        'past_retention' as removal_reason
    from past_retention
    union all
    -- What stays of a row that the build must not hold; stg_privacy__removed_rows counts it.
    select
        {{ no_values([
            'order_id', 'user_id', 'email_hash', 'google_email_hash', 'anonymous_id',
            'identifier_id', 'unusable_id_count', 'has_unusable_email', 'has_mixed_script_email',
            'ordered_at', 'order_status', 'order_amount', 'currency_code', 'reporting_amount',
        ]) }},
        {{ left_of_removed_row() }}
    from judged
    where is_erased or is_ageless
)

select * from final
