-- The event stream: every step of every visit, then what happens to events on their way: redelivered, late, without a
-- clock, without half of their columns.

create or replace view visit_steps as
select
    visits.*,
    visit_baskets.product_nos,
    visit_baskets.product_category_nos,
    visit_baskets.quantities,
    visit_baskets.line_amounts,
    visit_baskets.order_amount,
    unnest(range(visits.step_count)) as step,
from visits
left join visit_baskets on visits.visit_id = visit_baskets.visit_id
where
    visits.takes_place
    -- Chapter 2 also writes what chapter 1 did not receive in time: at most five days late.
    and (getvariable('chapter') = 2 or visits.is_before_launch)
    and (getvariable('chapter') = 1 or visits.visit_day >= 84);

create or replace view named_steps as
select
    visit_id,
    person_no,
    step,
    k,
    child_key(k, 100 + step) as step_key,
    intent,
    content_type,
    tutorial_parts_before,
    category_no,
    currency_code,
    product_nos,
    product_category_nos,
    quantities,
    line_amounts,
    order_amount,
    started_at + to_milliseconds(1000 * seconds_per_step * step)
    + to_milliseconds(floor(800 * seconds_per_step * draw('pause', child_key(k, 100 + step)))::integer) as occurred_at,
    case
        when step < ad_end then 'ad_clicked'
        when step < landing_end then 'landing'
        when step < sign_in_end then 'signed_in'
        when step < pricing_end then 'pricing'
        when step < search_end then 'products_searched'
        when step < content_end then 'content'
        when step < view_end then 'product'
        when step < add_end then 'product_added'
        when step < remove_end then 'product_removed'
        when step < cart_end then 'cart'
        when step < checkout_end then 'checkout'
        when step < order_end then 'order_completed'
        when step < feature_end then 'feature_used'
        when step < advanced_end then 'advanced_feature_used'
        when step < form_end then 'form_submitted'
        when step < account_end then 'account'
        else 'support_ticket_opened'
    end as step_kind,
    case
        when step < sign_in_end then shows_sign_in::integer
        when step < content_end then step - search_end
        when step < view_end then step - content_end
        when step < checkout_end then step - cart_end
        else step
    end as place,
    -- Which of the visit's products it is about; the last one that was put in is the one that is taken out.
    case
        when step < content_end then null
        when step < view_end then (step - content_end) // 2 + 1
        when step < add_end then step - view_end + 1
        when step < remove_end then add_count
    end as item_place,
    user_id,
    anonymous_id,
    device_no,
from visit_steps;

-- Content comes in threes: the page, the view, and for some the end (or the download).
create or replace view described_steps as
select
    *,
    case
        when step_kind = 'content' and place % 3 = 0 then 'page_viewed'
        when step_kind = 'content' and place % 3 = 1 then 'content_viewed'
        when step_kind = 'content' and content_type = 'whitepaper' then 'content_downloaded'
        when step_kind = 'content' then 'content_completed'
        when step_kind = 'product' and place % 2 = 0 then 'page_viewed'
        when step_kind = 'product' then 'product_viewed'
        when step_kind = 'checkout' and place = 1 then 'checkout_started'
        when step_kind in ('landing', 'pricing', 'cart', 'checkout', 'account') then 'page_viewed'
        else step_kind
    end as event_name,
    -- Tutorials are read in order: getting started, then automation, then at random.
    case
        when step_kind <> 'content' then null
        when content_type = 'tutorial' and tutorial_parts_before + place // 3 < 6
            then 'getting-started-' || (tutorial_parts_before + place // 3 + 1)
        when content_type = 'tutorial' and tutorial_parts_before + place // 3 < 12
            then 'automation-' || (tutorial_parts_before + place // 3 - 5)
        when content_type = 'tutorial'
            then 'automation-' || pick(draw('tutorial again', child_key(k, 60 + place // 3)), [1, 2, 3, 4, 5, 6])
        when content_type = 'blog'
            then 'blog-' || lpad((1 + floor(40 * power(draw('article', child_key(k, 60 + place // 3)), 1.8))::integer)::varchar, 3, '0')
        when content_type = 'video'
            then 'video-' || lpad((1 + floor(20 * power(draw('article', child_key(k, 60 + place // 3)), 1.8))::integer)::varchar, 2, '0')
        else 'whitepaper-' || lpad((1 + floor(10 * draw('article', child_key(k, 60 + place // 3)))::integer)::varchar, 2, '0')
    end as content_id,
from named_steps
where
    case step_kind
        when 'signed_in' then place = 1
        when 'content' then place % 3 <> 2 or draw('finishes', step_key) < 0.55
        when 'product' then place % 2 = 1 or draw('tracks page', step_key) < 0.35
        else true
    end;

create or replace view event_facts as
select
    'e' || lpad(steps.person_no::varchar, 8, '0') || '-' || (steps.visit_id % 4096) || '-' || steps.step as event_id,
    steps.step_key,
    steps.event_name,
    steps.occurred_at,
    steps.anonymous_id,
    steps.user_id,
    'https://www.tessera-shop.example' || case
        when steps.step_kind = 'pricing' then '/pricing' || pick(draw('pricing page', steps.step_key), ['', '', '?plan=team', '/compare'])
        when steps.step_kind = 'content' and steps.content_type = 'tutorial'
            then '/tutorials/' || regexp_replace(steps.content_id, '-([0-9]+)$', '/part-\1')
        when steps.step_kind = 'content' then '/' || case steps.content_type when 'blog' then 'blog' else steps.content_type || 's' end || '/' || steps.content_id
        when steps.step_kind = 'products_searched' then '/search'
        when steps.step_kind = 'product'
            then '/products/' || category_name(steps.product_category_nos[steps.item_place])
                || '/' || product_id_of(steps.product_nos[steps.item_place])
        when steps.step_kind in ('product_added', 'product_removed', 'cart') then '/cart'
        when steps.step_kind in ('checkout', 'order_completed') then '/checkout'
        when steps.step_kind in ('feature_used', 'advanced_feature_used') then '/app'
        when steps.step_kind in ('account', 'support_ticket_opened') then '/account'
        when steps.step_kind = 'signed_in' then '/login'
        when steps.step_kind = 'form_submitted' then '/contact'
        when steps.intent = 'shop' then '/categories/' || category_name(steps.category_no)
        else '/'
    end as page_url,
    case
        when steps.step_kind = 'landing' then pick(
            draw('referrer', steps.step_key),
            ['https://search.example/', null, null, 'https://social.example/feed', '', 'https://news.example/style']
        )
        when steps.step > 0 and draw('has referrer', steps.step_key) < 0.5 then 'https://www.tessera-shop.example/'
    end as referrer_url,
    case
        when steps.step_kind = 'products_searched' then case
            when draw('query style', steps.step_key) < 0.1 then upper(category_name(steps.category_no))
            when draw('query style', steps.step_key) < 0.16 then ' ' || category_nouns(steps.category_no)[1] || '  '
            when draw('query style', steps.step_key) < 0.5 then lower(pick(draw('query noun', steps.step_key), category_nouns(steps.category_no)))
            else pick(draw('query adjective', steps.step_key), ['cheap ', 'best ', 'red ', 'gift ', ''])
                || pick(draw('query subcategory', steps.step_key), category_subcategories(steps.category_no))
        end
    end as search_query,
    product_id_of(steps.product_nos[steps.item_place]) as product_id,
    case when steps.event_name <> 'page_viewed' then steps.content_id end as content_id,
    case
        when steps.step_kind = 'ad_clicked' then pick(
            draw('clicked campaign', steps.step_key),
            ['cmp-001', 'cmp-001', 'cmp-002', 'cmp-003', 'cmp-004', 'cmp-005', 'cmp-006', 'cmp-007', 'cmp-008', 'cmp-009']
        )
    end as campaign_id,
    case
        when draw('device known', steps.step_key) < 0.04 then null
        when steps.device_no = 99 then 'tablet'
        when steps.device_no = 100 then 'kiosk'
        when draw('device case', steps.step_key) < 0.02 then 'Mobile '
        else pick(
            draw('device type', child_key(steps.person_no::ubigint, steps.device_no)),
            ['mobile', 'desktop', 'mobile', 'desktop', 'mobile', 'tablet', 'desktop', 'mobile', 'mobile', 'desktop']
        )
    end as device_type,
    case when steps.step_kind in ('product_added', 'product_removed') then steps.quantities[steps.item_place] end as quantity,
    case
        when steps.step_kind in ('product_added', 'product_removed') then steps.line_amounts[steps.item_place]
        when steps.step_kind = 'order_completed' then steps.order_amount
        when steps.event_name = 'product_viewed' and draw('view has price', steps.step_key) < 0.6
            then round(steps.line_amounts[steps.item_place] / steps.quantities[steps.item_place], 2)::decimal(12, 2)
    end as value_amount,
    case
        when steps.step_kind in ('product_added', 'product_removed', 'order_completed')
            or (steps.event_name = 'product_viewed' and draw('view has price', steps.step_key) < 0.6)
            then steps.currency_code
    end as currency_code,
    case
        when steps.step_kind = 'order_completed' then '{"order_id": "' || order_id_of(steps.visit_id) || '"}'
        when steps.step_kind = 'feature_used'
            then '{"feature": "' || pick(draw('feature', steps.step_key), ['report', 'import', 'share', 'search', 'comment']) || '"}'
        when steps.step_kind = 'advanced_feature_used'
            then '{"feature": "' || pick(draw('feature', steps.step_key), ['workflow', 'api', 'forecast', 'single_sign_on']) || '"}'
        when steps.step_kind = 'form_submitted'
            then '{"form": "' || case steps.intent when 'pricing' then 'demo_request' when 'content' then 'whitepaper' else 'contact' end || '"}'
        -- A tracker that cut its payload off.
        when draw('torn payload', steps.step_key) < 0.0002 then '{"page":'
    end as properties,
from described_steps as steps;

-- Milestones of a company's trial, sent by its first user.
create or replace view trial_facts as
with moments as (
    select
        companies.company_no,
        'trial_started' as event_name,
        moment(companies.trial_start_day) as occurred_at,
        companies.lead_person_no,
        companies.k,
    from companies
    where companies.trial_start_day >= first_day()
    union all
    select
        companies.company_no,
        'subscription_started',
        moment(coalesce(companies.past_conversion_day, company_responses.conversion_day)),
        companies.lead_person_no,
        child_key(companies.k, 1),
    from companies
    left join company_responses on companies.company_no = company_responses.company_no
    where coalesce(companies.past_conversion_day, company_responses.conversion_day) >= first_day()
)

select
    'e-' || event_name || '-' || company_no as event_id,
    k as step_key,
    event_name,
    occurred_at,
    null as anonymous_id,
    user_id_of(lead_person_no) as user_id,
    'https://www.tessera-shop.example/' || case event_name when 'trial_started' then 'trial' else 'account/plan' end as page_url,
    null as referrer_url,
    null as search_query,
    null as product_id,
    null as content_id,
    null as campaign_id,
    'desktop' as device_type,
    null as quantity,
    null as value_amount,
    null as currency_code,
    null as properties,
from moments;

create or replace view delivered_events as
with facts as (
    select * from event_facts
    union all
    select * from trial_facts
),

received as (
    select
        *,
        case
            when draw('no receipt', step_key) < 0.02 then null
            -- Phones that were offline: up to five days late.
            when draw('late', step_key) < 0.015
                then occurred_at + to_seconds(600 + floor(431000 * power(draw('lateness', step_key), 2))::integer)
            -- Phones whose clock runs ahead.
            when draw('clock ahead', step_key) < 0.003
                then occurred_at - to_seconds(floor(400 * draw('lateness', step_key))::integer)
            else occurred_at + to_milliseconds(floor(9000 * draw('lateness', step_key))::integer)
        end as received_at,
        draw('redelivery delay', step_key) as redelivery_share,
        -- A few arrive twice. (Not a union: the stream would be held in memory for it.)
        unnest(case when draw('redelivery', step_key) < 0.005 then [false, true] else [false] end) as is_redelivery,
    from facts
)

select
    * replace (
        case
            when is_redelivery
                then coalesce(received_at, occurred_at) + to_seconds(60 + floor(18000 * redelivery_share)::integer)
            else received_at
        end as received_at
    ),
from received;

create or replace view event_rows as
select
    event_id,
    event_name,
    occurred_at,
    received_at,
    anonymous_id,
    user_id,
    page_url,
    referrer_url,
    search_query,
    product_id,
    content_id,
    campaign_id,
    device_type,
    quantity,
    value_amount,
    currency_code,
    properties,
from delivered_events
where
    occurred_at < getvariable('chapter_end')
    and coalesce(received_at, occurred_at) < getvariable('chapter_end')
    and (
        getvariable('chapter') = 1
        or occurred_at >= getvariable('launch')
        or coalesce(received_at, occurred_at) >= getvariable('launch')
    );
