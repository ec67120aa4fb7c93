{{ config(materialized='table') }}

with source as (
    select * from {{ source('shop', 'orders') }}
),

exchange_rates as (
    select * from {{ ref('exchange_rates') }}
),

cleaned as (
    select
        {{ clean_text('order_id') }} as order_id,
        {{ clean_id('user_id') }} as user_id,
        {{ hash_email('email') }} as email_hash,
        {{ clean_id('anonymous_id') }} as anonymous_id,
        {{ clean_text('user_id') }} is not null as has_user_id,
        {{ clean_text('email') }} is not null as has_email,
        {{ clean_text('anonymous_id') }} is not null as has_anonymous_id,
        {{ has_mixed_scripts('email') }} as has_mixed_script_email,
        ordered_at,
        lower({{ clean_text('order_status') }}) as order_status,
        order_amount,
        upper({{ clean_text('currency_code') }}) as currency_code
    from source
),

-- The first reason that holds is the row's reason.
checked as (
    select
        cleaned.*,
        coalesce(
            {{ identifier_id("'user_id'", 'cleaned.user_id') }},
            {{ identifier_id("'email'", 'cleaned.email_hash') }},
            {{ identifier_id("'anonymous_id'", 'cleaned.anonymous_id') }}
        ) as identifier_id,
        cast(cleaned.has_user_id and cleaned.user_id is null as integer)
        + cast(cleaned.has_anonymous_id and cleaned.anonymous_id is null as integer)
            as unusable_id_count,
        cleaned.has_email and cleaned.email_hash is null as has_unusable_email,
        cleaned.order_amount * exchange_rates.rate_to_reporting as reporting_amount,
        case
            when cleaned.order_id is null then 'null_key'
            when cleaned.ordered_at is null then 'missing_ordered_at'
            when cleaned.order_status is null then 'missing_order_status'
            when cleaned.order_amount is null then 'missing_order_amount'
            when cleaned.currency_code is null then 'missing_currency'
            when cleaned.order_status not in ('completed', 'cancelled', 'returned')
                then 'unknown_status'
            when exchange_rates.currency_code is null then 'unknown_currency'
            when {{ is_not_finite('cleaned.order_amount') }} then 'not_finite'
            when cleaned.order_amount < 0 then 'negative_amount'
            when {{ is_too_old('cleaned.ordered_at') }} then 'timestamp_too_old'
            when {{ is_in_future('cleaned.ordered_at') }} then 'timestamp_in_future'
            when cleaned.user_id is null
                and cleaned.email_hash is null
                and cleaned.anonymous_id is null
                then 'no_identifier'
        end as reason
    from cleaned
    left join exchange_rates
        on cleaned.currency_code = exchange_rates.currency_code
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
    from checked
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
