-- web/events: one row per event, and one per item of those that show, add or remove items.
--
-- The recommended events get the names of seeds/event_types.csv; events of your own pass under theirs.
-- Lost: first_visit, session_start and user_engagement, which GA4 sends by itself beside others; events without any id
-- (consent denied: they can be about nobody); items of a purchase (orders come from the shop); user properties.
-- GA4 thins out nothing in its export, but an export limit of the day and blocked scripts do: purchases here are fewer
-- than in the shop.
with

read as (
    select
        event_timestamp,
        event_name,
        event_bundle_sequence_id,
        batch_page_id,
        batch_ordering_id,
        batch_event_index,
        user_id,
        user_pseudo_id,
        event_params,
        items,
        text_param(event_params, 'page_location') as page_url,
        text_param(event_params, 'page_referrer') as referrer_url,
        text_param(event_params, 'search_term') as search_query,
        text_param(event_params, 'currency') as currency_code,
        text_param(event_params, 'content_id') as content_id,
        device.category as device_type,
        collected_traffic_source.manual_campaign_id as manual_campaign_id,
        session_traffic_source_last_click.google_ads_campaign.campaign_id
            as google_ads_campaign_id,
        ecommerce.purchase_revenue as purchase_revenue,
        ecommerce.purchase_revenue_in_usd as purchase_revenue_in_usd,
        ecommerce.transaction_id as transaction_id,
        case event_name
            when 'page_view' then 'page_viewed'
            when 'view_item' then 'product_viewed'
            when 'add_to_cart' then 'product_added'
            when 'remove_from_cart' then 'product_removed'
            when 'begin_checkout' then 'checkout_started'
            when 'purchase' then 'order_completed'
            when 'search' then 'products_searched'
            when 'view_search_results' then 'products_searched'
            when 'generate_lead' then 'form_submitted'
            when 'form_submit' then 'form_submitted'
            when 'file_download' then 'content_downloaded'
            when 'login' then 'signed_in'
            else event_name
        end as name
    from events
    where
        event_name not in ('first_visit', 'session_start', 'user_engagement')
        and (user_id is not null or user_pseudo_id is not null)
),

-- GA4 gives no id to an event. All that tells two events apart makes one, the same in every export. Two rows alike in
-- all of it are one event, delivered twice.
identified as (
    select
        *,
        md5(cast(json_object(
            'user_id', user_id,
            'user_pseudo_id', user_pseudo_id,
            'event_timestamp', event_timestamp,
            'event_name', event_name,
            'bundle', event_bundle_sequence_id,
            'page', batch_page_id,
            'batch', batch_ordering_id,
            'index', batch_event_index,
            'params', event_params
        ) as varchar)) as event_hash
    from read
),

-- An event is about one product: one that carries several items becomes several.
copies as (
    select
        *,
        unnest(range(
            1,
            case
                when name in ('product_viewed', 'product_added', 'product_removed')
                    then greatest(coalesce(len(items), 0), 1)
                else 1
            end + 1
        )) as item_number
    from identified
),

with_item as (
    select
        *,
        case
            when name in ('product_viewed', 'product_added', 'product_removed')
                then items[item_number]
        end as item
    from copies
),

valued as (
    select
        *,
        case
            when name = 'order_completed' then purchase_revenue
            else item.price * coalesce(item.quantity, 1)
        end as own_amount,
        case
            when name = 'order_completed' then purchase_revenue_in_usd
            else item.price_in_usd * coalesce(item.quantity, 1)
        end as usd_amount
    from with_item
),

final as (
    select
        own_id(event_hash) || '-' || item_number as event_id,
        name as event_name,
        -- Microseconds since 1970, UTC; event_date is a day of the property's own time zone.
        make_timestamp(event_timestamp) as occurred_at,
        cast(null as timestamp) as received_at,
        user_pseudo_id as anonymous_id,
        user_id,
        page_url,
        referrer_url,
        search_query,
        item.item_id as product_id,
        content_id,
        -- utm_id, where links carry the id of ads/campaigns (docs/adopting.md), else the campaign of auto-tagging.
        coalesce(
            nullif(manual_campaign_id, '(not set)'),
            'google_ads:' || nullif(google_ads_campaign_id, '(not set)')
        ) as campaign_id,
        device_type,
        cast(item.quantity as bigint) as quantity,
        -- Without a currency GA4 still knows the value in US dollars.
        case when currency_code is not null then own_amount else usd_amount end as value_amount,
        coalesce(currency_code, case when usd_amount is not null then 'USD' end) as currency_code,
        case
            when transaction_id is not null and transaction_id <> '(not set)'
                then cast(json_object('order_id', transaction_id) as varchar)
        end as properties
    from valued
)

-- By time, so that a reader of some days can pass over the rest of the file.
select * from final
order by occurred_at, event_id, received_at
