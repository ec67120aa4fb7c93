-- web/events: one row per page, track and identify call.
--
-- The names of Segment's e-commerce spec, in snake case as its tables have them, are the names of
-- seeds/event_types.csv. A page call is page_viewed, an identify call signed_in: it weighs nothing, and it is where
-- an anonymous visitor becomes known. Events of your own pass under their own name.
-- Lost: the products within an order (orders come from the shop), screens and aliases.
with

-- Each has what all calls share, and a page call the page as its own properties too.
calls as (
    select
        *,
        'page_viewed' as event_name
    from pages
    union all by name
    select
        *,
        event as event_name
    from tracks
    union all by name
    select
        *,
        'signed_in' as event_name
    from identifies
    -- An anonymous visitor may be given traits too; that is no sign-in.
    where user_id is not null
),

-- `tracks` holds what all events share; the rest stands in the table of each event.
product_details as (
    select id, received_at, product_id, quantity, price, currency from product_viewed
    union all
    select id, received_at, product_id, quantity, price, currency from product_added
    union all
    select id, received_at, product_id, quantity, price, currency from product_removed
),

details as (
    select
        id,
        received_at,
        product_id,
        quantity,
        price * coalesce(quantity, 1) as value_amount,
        currency as currency_code,
        cast(null as varchar) as search_query,
        cast(null as varchar) as order_id
    from product_details
    union all
    select
        id,
        received_at,
        null as product_id,
        null as quantity,
        null as value_amount,
        null as currency_code,
        query as search_query,
        null as order_id
    from products_searched
    union all
    select
        id,
        received_at,
        null as product_id,
        null as quantity,
        cast(coalesce(total, revenue) as double) as value_amount,
        currency as currency_code,
        null as search_query,
        order_id
    from order_completed
),

-- BigQuery keeps redelivered rows. A row of details twice would make two events of one.
details_once as (
    select *
    from details
    qualify row_number() over (partition by id order by received_at, product_id, order_id) = 1
),

final as (
    select
        own_id(calls.id) as event_id,
        calls.event_name,
        cast(calls.timestamp as timestamp) as occurred_at,
        cast(calls.received_at as timestamp) as received_at,
        calls.anonymous_id,
        -- The id of your own site, without a prefix: other systems know the same person by it.
        calls.user_id,
        coalesce(calls.url, calls.context_page_url) as page_url,
        coalesce(calls.referrer, calls.context_page_referrer) as referrer_url,
        details_once.search_query,
        details_once.product_id,
        cast(null as varchar) as content_id,
        -- Older libraries put only the five classic utm parameters into the context.
        coalesce(
            calls.context_campaign_id, utm_id(calls.url), utm_id(calls.context_page_url)
        ) as campaign_id,
        case
            when calls.context_user_agent ilike '%ipad%' then 'tablet'
            when calls.context_user_agent ilike '%tablet%' then 'tablet'
            when calls.context_user_agent ilike '%mobi%' then 'mobile'
            when lower(calls.context_device_type) in ('ios', 'android') then 'mobile'
            when calls.context_user_agent is not null then 'desktop'
        end as device_type,
        details_once.quantity,
        -- A value without a currency would have the whole event refused; the event itself is sound.
        case
            when details_once.currency_code is not null then details_once.value_amount
        end as value_amount,
        details_once.currency_code,
        case
            when details_once.order_id is not null
                then cast(json_object('order_id', details_once.order_id) as varchar)
        end as properties
    from calls
    left join details_once on calls.id = details_once.id
)

-- By time, so that a reader of some days can pass over the rest of the file.
select * from final
order by occurred_at, event_id, received_at
