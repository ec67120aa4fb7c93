-- What happens in a visit, counted: a visit is a list of steps whose order is always the same (an ad, the landing page,
-- signing in, prices, searches, content, products, cart, checkout, order, application, forms, account, support), and the
-- counts say how many of each there are. The funnel drops off from each count to the next.

create or replace table visits as
with slots as (
    select * from organic_slots
    union all
    select * from order_slots
),

-- Hours of the day by how many visits start in them: shoppers in the evening, business users in office hours.
timed as (
    select
        slots.*,
        slots.person_no::bigint * 4096 + slots.slot as visit_id,
        people.kind,
        people.propensity,
        people.registered_at,
        people.block_no,
        people.currency_code,
        people.first_category_no,
        people.second_category_no,
        people.device_count,
        people.has_shared_tablet,
        people.refuses_cookies,
        people.uses_advanced_features
        and slots.visit_day >= people.trial_start_day as uses_advanced_features,
        people.kind = 'business' and slots.visit_day >= people.trial_start_day as uses_application,
        people.hours_to_utc,
        case
            when people.kind = 'business' then pick(
                draw('hour', slots.k),
                [7, 8, 8, 9, 9, 9, 9, 10, 10, 10, 10, 10, 11, 11, 11, 11, 12, 12, 13, 13, 13, 14, 14, 14, 14, 15, 15, 15,
                15, 16, 16, 16, 17, 17, 18, 20, 21]
            )
            else pick(
                draw('hour', slots.k),
                [0, 1, 6, 7, 7, 8, 8, 9, 10, 10, 11, 11, 12, 12, 12, 13, 13, 14, 15, 15, 16, 16, 17, 17, 17, 18, 18, 18,
                18, 19, 19, 19, 19, 19, 20, 20, 20, 20, 20, 20, 21, 21, 21, 21, 21, 22, 22, 22, 23, 23]
            )
        end as local_hour,
        draw('intent', slots.k) as intent_share,
        draw('category', slots.k) as category_share,
        draw('views', slots.k) as view_share,
        draw('adds', slots.k) as add_share,
        draw('more adds', slots.k) as more_add_share,
        draw('removes', slots.k) as remove_share,
        draw('checkout', slots.k) as checkout_share,
        draw('order', slots.k) as order_share,
        draw('searches', slots.k) as search_share,
        draw('pricing', slots.k) as pricing_share,
        draw('content', slots.k) as content_share,
        draw('parts', slots.k) as part_share,
        draw('form', slots.k) as form_share,
        draw('ad', slots.k) as ad_share,
        draw('features', slots.k) as feature_share,
        draw('advanced features', slots.k) as advanced_share,
        draw('device', slots.k) as device_share,
        draw('signed in', slots.k) as sign_in_share,
    from slots
    inner join people on slots.person_no = people.person_no
),

intended as (
    select
        *,
        case
            when is_planned_order then 'shop'
            when kind = 'business' and intent_share < 0.14 then 'pricing'
            when kind = 'business' and intent_share < 0.34 then 'content'
            when kind = 'business' and intent_share < 0.40 then 'shop'
            when kind = 'business' and intent_share < 0.50 then 'account'
            when kind = 'business' and uses_application then 'application'
            when kind = 'business' then 'browse'
            when kind = 'shopper' and intent_share < 0.56 then 'shop'
            when kind = 'shopper' and intent_share < 0.64 then 'pricing'
            when kind = 'shopper' and intent_share < 0.81 then 'content'
            when kind = 'shopper' and intent_share < 0.86 then 'account'
            when kind = 'shopper' then 'browse'
            when intent_share < 0.44 then 'shop'
            when intent_share < 0.49 then 'pricing'
            when intent_share < 0.70 then 'content'
            else 'browse'
        end as intent,
        case
            when category_share < 0.55 then first_category_no
            when category_share < 0.75 then second_category_no
            else category_of((category_share - 0.75) / 0.25)
        end as category_no,
    from timed
),

viewed as (
    select
        *,
        case
            when intent = 'shop' then 1 + tail_count(view_share, 2.0, 9)
            when intent = 'browse' and view_share < 0.25 then 1
            else 0
        end as view_count,
        case
            when intent = 'shop' and search_share < 0.42 then 1
            when intent = 'shop' and search_share < 0.52 then 2
            when intent = 'browse' and search_share < 0.12 then 1
            else 0
        end as search_count,
        case
            when intent = 'pricing' then 1 + (pricing_share < 0.35)::integer + (pricing_share < 0.08)::integer
            when intent in ('shop', 'application') and pricing_share < 0.025 then 1
            else 0
        end as pricing_count,
        case
            when intent <> 'content' then null
            when content_share < case kind when 'business' then 0.5 else 0.25 end then 'tutorial'
            when content_share < case kind when 'business' then 0.7 else 0.38 end then 'whitepaper'
            when content_share < case kind when 'business' then 0.9 else 0.78 end then 'blog'
            else 'video'
        end as content_type,
        case
            when intent = 'content' then 1 + (part_share < 0.4)::integer + (part_share < 0.12)::integer
            else 0
        end as part_count,
        case when intent = 'application' then 1 + tail_count(feature_share, 2.6, 12) else 0 end as feature_count,
        case
            when intent = 'application' and uses_advanced_features then tail_count(advanced_share, 1.6, 7)
            else 0
        end as advanced_count,
    from intended
),

carted as (
    select
        *,
        case
            when is_planned_order or (intent = 'shop' and add_share < 0.55)
                then least(view_count, 1 + (more_add_share < 0.36)::integer + (more_add_share < 0.11)::integer)
            else 0
        end as add_count,
    from viewed
),

removed as (
    select
        *,
        case
            when is_planned_order then 0
            when add_count >= 2 and remove_share < 0.14 then 1
            when add_count = 1 and remove_share < 0.05 then 1
            else 0
        end as remove_count,
    from carted
),

checked_out as (
    select
        *,
        is_planned_order or (add_count > remove_count and checkout_share < 0.4) as has_checkout,
    from removed
),

ordered as (
    select
        *,
        -- In the 28 days after the launch nobody orders on impulse: 21_response.sql has decided who does.
        has_checkout and (is_planned_order or (order_share < 0.4 * propensity and visit_day not between 90 and 117))
            as has_order,
        (intent = 'pricing' and form_share < 0.13)
        or (coalesce(content_type, '') = 'whitepaper' and form_share < 0.3)
        or (intent = 'browse' and form_share < 0.03) as has_form,
        intent = 'account' and form_share < 0.15 as has_ticket,
        not is_planned_order and intent <> 'application' and ad_share < 0.12 as is_from_ad,
    from checked_out
),

-- Where each group of steps ends; the next one begins there.
laid_out as (
    select
        *,
        is_from_ad::integer as ad_end,
        ad_end + 1 as landing_end,
        landing_end + 1 as sign_in_end,
        sign_in_end + pricing_count as pricing_end,
        pricing_end + search_count as search_end,
        search_end + 3 * part_count as content_end,
        content_end + 2 * view_count as view_end,
        view_end + add_count as add_end,
        add_end + remove_count as remove_end,
        remove_end + (add_count > 0)::integer as cart_end,
        cart_end + 2 * has_checkout::integer as checkout_end,
        checkout_end + has_order::integer as order_end,
        order_end + feature_count as feature_end,
        feature_end + advanced_count as advanced_end,
        advanced_end + has_form::integer as form_end,
        form_end + (intent = 'account')::integer as account_end,
        account_end + has_ticket::integer as step_count,
        8 + floor(50 * draw('pace', k))::integer as seconds_per_step,
    from ordered
),

-- A visit never crosses midnight: one that would starts a little earlier instead.
started as (
    select
        *,
        moment(visit_day) + to_seconds(least(
            3600 * ((local_hour + hours_to_utc) % 24) + floor(3600 * draw('minute', k))::integer,
            86390 - seconds_per_step * step_count
        )) as started_at,
    from laid_out
),

-- Registered people sign in on the first visit after they registered, and mostly later.
counted as (
    select
        *,
        registered_at is not null and started_at >= registered_at as is_registered,
        coalesce(started_at >= registered_at, false)
        and row_number() over (
            partition by person_no, takes_place, coalesce(started_at >= registered_at, false)
            order by started_at, slot
        ) = 1 as is_first_registered,
        coalesce(sum(case when content_type = 'tutorial' then part_count else 0 end) over (
            partition by person_no, takes_place
            order by started_at, slot
            rows between unbounded preceding and 1 preceding
        ), 0)::integer as tutorial_parts_before,
    from started
),

signed as (
    select
        *,
        case
            when order_identity is not null then order_identity = 'user'
            else is_registered
                and (is_first_registered or intent in ('application', 'account') or sign_in_share < 0.78)
        end as is_signed_in,
    from counted
),

-- People use other devices only when signed in, so a second device is never mistaken for a second person for long.
-- Device 99 is the household's tablet, 100 a terminal in the store: many users behind one anonymous_id.
carried as (
    select
        *,
        case
            when not is_signed_in or is_first_registered or is_planned_order then 1
            when has_shared_tablet and device_share < 0.25 then 99
            when device_share > 0.996 then 100
            when device_count > 1 and device_share > 0.72 then 2 + (device_count = 3 and device_share > 0.9)::integer
            else 1
        end as device_no,
    from signed
)

select
    *,
    is_signed_in and (is_first_registered or sign_in_share < 0.12) as shows_sign_in,
    case
        when refuses_cookies and is_signed_in then null
        else anonymous_id_of(case device_no
            when 99 then block_no * 20 + 3
            when 100 then 99999999
            else person_no
        end, device_no)
    end as anonymous_id,
    case when is_signed_in then user_id_of(person_no) end as user_id,
    started_at < getvariable('launch') as is_before_launch,
from carried;

-- The products of a visit. The first ones that are looked at are the ones that go into the cart, and the first of these
-- are ordered: so events, cart and order agree.
create or replace table visit_items as
with looked_at as (
    select
        visit_id,
        k,
        category_no,
        currency_code,
        unnest(range(view_count)) as item_no,
    from visits
    where view_count > 0
),

keyed as (
    select
        *,
        child_key(k, item_no) as item_key,
    from looked_at
),

strayed as (
    select
        *,
        draw('quantity', item_key) as quantity_share,
        case
            when draw('stray look', item_key) < 0.85 then category_no
            else category_of(draw('stray category', item_key))
        end as item_category_no,
    from keyed
),

-- Few products get most of the looks.
chosen as (
    select
        *,
        category_products_before(item_category_no)
        + 1
        + floor(category_product_count(item_category_no) * power(draw('product', item_key), 2.2))::integer as product_no,
        case when quantity_share < 0.85 then 1 when quantity_share < 0.96 then 2 else 3 end as quantity,
    from strayed
)

select
    chosen.visit_id,
    chosen.item_no,
    chosen.item_category_no,
    chosen.product_no,
    chosen.quantity,
    (chosen.quantity * round(
        case chosen.currency_code when 'EUR' then products.usd_price / 1.1 else products.usd_price end,
        2
    ))::decimal(12, 2) as line_amount,
from chosen
inner join products on chosen.product_no = products.product_no;
