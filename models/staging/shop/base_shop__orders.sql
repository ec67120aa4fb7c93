{{ config(materialized='table') }}

with checked as (
    select * from {{ ref('base_shop__checked_orders') }}
),

erased as (
    select * from {{ ref('base_privacy__marked_identifiers') }}
    where source_table = 'shop/orders' and marks <> 'shared_identifier'
),

-- What the build must not hold is gone here; stg_privacy__removed_rows counts it.
kept as (
    select *
    from checked
    where
        not {{ is_erased([
            identifier_id("'user_id'", 'user_id'),
            identifier_id("'email'", 'email_hash'),
            identifier_id("'anonymous_id'", 'anonymous_id'),
            identifier_id("'order_id'", 'order_id'),
        ]) }}
        and not {{ is_past_retention('shop/orders', 'ordered_at') }}
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

final as (
    select
        order_id,
        user_id,
        email_hash,
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
        end as row_json
    from decided
)

select * from final
