-- A view: a table would be as large as the raw one.
{{ config(materialized='view') }}

with source as (
    select * from {{ source('web', 'events') }}
),

exchange_rates as (
    select * from {{ ref('exchange_rates') }}
),

cleaned as (
    select
        {{ clean_text('event_id') }} as event_id,
        {{ clean_text('event_name') }} as event_name,
        occurred_at,
        received_at,
        {{ clean_id('anonymous_id') }} as anonymous_id,
        {{ clean_id('user_id') }} as user_id,
        {{ clean_text('anonymous_id') }} is not null as has_anonymous_id,
        {{ clean_text('user_id') }} is not null as has_user_id,
        {{ clean_free_text('page_url') }} as page_url,
        {{ clean_free_text('referrer_url') }} as referrer_url,
        {{ clean_free_text('search_query') }} as search_query,
        {{ clean_text('product_id') }} as product_id,
        {{ clean_text('content_id') }} as content_id,
        {{ clean_text('campaign_id') }} as campaign_id,
        coalesce(lower({{ clean_text('device_type') }}), 'unknown') as device_type,
        quantity,
        value_amount,
        upper({{ clean_text('currency_code') }}) as currency_code,
        {{ clean_free_text('properties') }} as properties
    from source
),

-- The first reason that holds is the row's reason.
final as (
    select
        cleaned.event_id,
        {{ day_of('cleaned.occurred_at') }} as event_date,
        cleaned.event_name,
        cleaned.occurred_at,
        cleaned.received_at,
        cleaned.anonymous_id,
        cleaned.user_id,
        cleaned.page_url,
        cleaned.referrer_url,
        cleaned.search_query,
        cleaned.product_id,
        cleaned.content_id,
        cleaned.campaign_id,
        cleaned.device_type,
        cleaned.quantity,
        cleaned.value_amount,
        cleaned.currency_code,
        cleaned.properties,
        coalesce(
            {{ identifier_id("'user_id'", 'cleaned.user_id') }},
            {{ identifier_id("'anonymous_id'", 'cleaned.anonymous_id') }}
        ) as identifier_id,
        cast(cleaned.has_anonymous_id and cleaned.anonymous_id is null as integer)
        + cast(cleaned.has_user_id and cleaned.user_id is null as integer) as unusable_id_count,
        cleaned.value_amount * exchange_rates.rate_to_reporting as value_reporting_amount,
        case
            when cleaned.event_id is null then 'null_key'
            when cleaned.event_name is null then 'missing_event_name'
            when cleaned.occurred_at is null then 'missing_occurred_at'
            when cleaned.user_id is null and cleaned.anonymous_id is null then 'no_identifier'
            when {{ is_too_old('cleaned.occurred_at') }} then 'timestamp_too_old'
            when {{ is_too_old('cleaned.received_at') }} then 'timestamp_too_old'
            when {{ is_in_future('cleaned.occurred_at') }} then 'timestamp_in_future'
            when {{ is_in_future('cleaned.received_at') }} then 'timestamp_in_future'
            when {{ is_after('cleaned.occurred_at', 'cleaned.received_at') }}
                then 'timestamp_in_future'
            when cleaned.quantity < 0 then 'negative_quantity'
            when {{ is_not_finite('cleaned.value_amount') }} then 'not_finite'
            when cleaned.value_amount < 0 then 'negative_amount'
            when cleaned.value_amount is not null and cleaned.currency_code is null
                then 'missing_currency'
            when cleaned.currency_code is not null and exchange_rates.currency_code is null
                then 'unknown_currency'
        end as reason
    from cleaned
    left join exchange_rates
        on cleaned.currency_code = exchange_rates.currency_code
)

select * from final
