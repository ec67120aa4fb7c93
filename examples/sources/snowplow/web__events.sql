-- web/events: one row per event, and one per product of those that show, add or remove products.
--
-- page_view, the e-commerce actions, site_search, submit_form and their like get the names of seeds/event_types.csv; all
-- others pass under their own, structured events as <category>_<action>.
-- Lost: page pings (a heartbeat of the open page, many a visit), list and promotion views, entities of your own, and
-- which checkout step it is: each step counts as checkout_started.
with

kept as (
    select
        event_id,
        event,
        event_name,
        -- The time that is corrected for the device's clock; the collector's where it is missing.
        coalesce(derived_tstamp, collector_tstamp) as occurred_at,
        collector_tstamp as received_at,
        -- Web events have a cookie, those of apps a session entity with the installation.
        coalesce(
            domain_userid,
            contexts_com_snowplowanalytics_snowplow_client_session_1 ->> '$[0].userId'
        ) as anonymous_id,
        user_id,
        page_url,
        page_referrer,
        se_category,
        se_action,
        dvce_type,
        dvce_ismobile,
        unstruct_event_com_snowplowanalytics_snowplow_ecommerce_snowplow_ecommerce_action_1
        ->> '$.type' as action,
        unstruct_event_com_snowplowanalytics_snowplow_site_search_1
        -> '$.terms' as search_terms,
        contexts_com_snowplowanalytics_snowplow_ecommerce_product_1 as products,
        contexts_com_snowplowanalytics_snowplow_ecommerce_transaction_1
        -> '$[0]' as order_entity
    from events
    where event_name <> 'page_ping' or event_name is null
),

named as (
    select
        *,
        case
            when action = 'product_view' then 'product_viewed'
            when action = 'add_to_cart' then 'product_added'
            when action = 'remove_from_cart' then 'product_removed'
            when action = 'checkout_step' then 'checkout_started'
            when action = 'transaction' then 'order_completed'
            when action is not null then action
            when event_name = 'page_view' then 'page_viewed'
            when event_name = 'site_search' then 'products_searched'
            when event_name = 'submit_form' then 'form_submitted'
            when event = 'struct' then lower(concat_ws('_', se_category, se_action))
            else event_name
        end as name
    from kept
),

-- An event is about one product: one that carries several becomes several.
copies as (
    select
        *,
        unnest(range(
            case
                when name in ('product_viewed', 'product_added', 'product_removed')
                    then greatest(coalesce(cast(json_array_length(products) as bigint), 0), 1)
                else 1
            end
        )) as product_place
    from named
),

with_product as (
    select
        *,
        case
            when name in ('product_viewed', 'product_added', 'product_removed')
                then json_extract(products, '$[' || product_place || ']')
        end as product
    from copies
),

with_quantity as (
    select
        *,
        cast(product ->> '$.quantity' as bigint) as quantity
    from with_product
),

final as (
    select
        own_id(event_id) || '-' || product_place as event_id,
        name as event_name,
        cast(occurred_at as timestamp) as occurred_at,
        cast(received_at as timestamp) as received_at,
        anonymous_id,
        user_id,
        page_url,
        page_referrer as referrer_url,
        array_to_string(cast(search_terms as varchar[]), ' ') as search_query,
        product ->> '$.id' as product_id,
        cast(null as varchar) as content_id,
        -- mkt_campaign holds a name.
        utm_id(page_url) as campaign_id,
        case
            when lower(dvce_type) in ('computer', 'desktop') then 'desktop'
            when dvce_type is not null then lower(dvce_type)
            when dvce_ismobile then 'mobile'
        end as device_type,
        quantity,
        case
            when name = 'order_completed' then cast(order_entity ->> '$.revenue' as double)
            else cast(product ->> '$.price' as double) * coalesce(quantity, 1)
        end as value_amount,
        case
            when name = 'order_completed' then order_entity ->> '$.currency'
            else product ->> '$.currency'
        end as currency_code,
        case
            when order_entity ->> '$.transaction_id' is not null
                then cast(json_object('order_id', order_entity ->> '$.transaction_id') as varchar)
        end as properties
    from with_quantity
)

-- By time, so that a reader of some days can pass over the rest of the file.
select * from final
order by occurred_at, event_id, received_at
