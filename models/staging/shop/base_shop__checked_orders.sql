{{ config(materialized='view') }}

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
        {{ google_email_hash('email') }} as google_email_hash,
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
final as (
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
)

select * from final
