{{ config(materialized='table') }}

with source as (
    select * from {{ source('shop', 'products') }}
),

exchange_rates as (
    select * from {{ ref('exchange_rates') }}
),

cleaned as (
    select
        {{ clean_text('product_id') }} as product_id,
        {{ clean_text('product_name') }} as product_name,
        coalesce(lower({{ clean_text('category') }}), 'unknown') as category,
        lower({{ clean_text('subcategory') }}) as subcategory,
        list_price,
        upper({{ clean_text('currency_code') }}) as currency_code
    from source
),

-- The first reason that holds is the row's reason.
checked as (
    select
        cleaned.*,
        cleaned.list_price * exchange_rates.rate_to_reporting as list_price_reporting,
        case
            when cleaned.product_id is null then 'null_key'
            when {{ is_not_finite('cleaned.list_price') }} then 'not_finite'
            when cleaned.list_price < 0 then 'negative_amount'
            when cleaned.list_price is not null and cleaned.currency_code is null
                then 'missing_currency'
            when cleaned.currency_code is not null and exchange_rates.currency_code is null
                then 'unknown_currency'
        end as reason
    from cleaned
    left join exchange_rates
        on cleaned.currency_code = exchange_rates.currency_code
),

-- Products carry no time: of those that repeat a key the first by all columns counts, known values
-- before unknown. A row refused for another reason takes no part.
ranked as (
    select
        *,
        row_number() over (
            partition by product_id, reason is null
            order by
                case when category = 'unknown' then 1 else 0 end asc,
                category asc,
                subcategory asc nulls last,
                product_name asc nulls last,
                list_price asc nulls last,
                currency_code asc nulls last
        ) as copy_number
    from checked
),

decided as (
    select
        *,
        {{ row_key(['product_id']) }} as row_key,
        case
            when reason is not null then reason
            when copy_number > 1 then 'duplicate_key'
        end as reject_reason
    from ranked
),

final as (
    select
        product_id,
        product_name,
        category,
        subcategory,
        list_price,
        currency_code,
        list_price_reporting,
        row_key,
        reject_reason,
        case
            when reject_reason is not null then {{ row_json([
                'product_id', 'product_name', 'category', 'subcategory', 'list_price',
                'currency_code',
            ]) }}
        end as row_json
    from decided
)

select * from final
