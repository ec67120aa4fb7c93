-- What was shown and sent, and what it cost.

create or replace view touch_rows as
-- The newsletter: every fourteen days to people who take it; some open, few click.
with issues as (
    select
        issue_no,
        3 + 14 * (issue_no - -first_day() // 14) as issue_day,
    from range(9 + -first_day() // 14) as numbers (issue_no)
),

mailings as (
    select
        people.*,
        issue_no,
        child_key(people.k, 400 + issue_no) as touch_key,
        moment(issue_day + 0.35 + 0.02 * draw('mailing wave', child_key(people.k, 400 + issue_no))) as sent_at,
    from people
    cross join issues
    where
        people.kind <> 'visitor'
        and draw('consents', child_key(people.k, 202)) < 0.62
        and people.registered_at < moment(issue_day)
),

newsletter as (
    select
        'n' || person_no || '-' || issue_no || '-' || kinds.kind_no as touch_id,
        'cmp-008' as campaign_id,
        case when mailings.person_no % 40 > 0 then 'newsletter_' || issue_no end as creative_key,
        'email' as identifier_type,
        email as identifier_value,
        kinds.touch_type,
        sent_at + to_minutes(case kinds.kind_no
            when 1 then 0
            else floor(2000 * power(draw('opened after', touch_key), 3))::integer + kinds.kind_no
        end) as touched_at,
    from mailings
    cross join (values (1, 'send', 1.0), (2, 'open', 0.34), (3, 'click', 0.04)) as kinds (kind_no, touch_type, touch_share)
    where draw('opens', touch_key) < kinds.touch_share
),

-- Ads that were served to a known device. Not every platform says which creative, or which campaign.
served as (
    select
        people.*,
        place,
        child_key(people.k, 450 + place) as touch_key,
        moment(people.start_day + (people.end_day - people.start_day) * draw('served day', child_key(people.k, 450 + place)))
            as served_at,
    from people
    cross join range(round(4 * history_factor())::integer) as numbers (place)
    where people.end_day > people.start_day and draw('served', child_key(people.k, 450 + place)) < 0.3
),

ads as (
    select
        'i' || person_no || '-' || place || '-' || kinds.kind_no as touch_id,
        case when draw('campaign known', touch_key) >= 0.02 then pick(
            draw('serving campaign', touch_key),
            ['cmp-001', 'cmp-002', 'cmp-003', 'cmp-004', 'cmp-005', 'cmp-005', 'cmp-006', 'cmp-006', 'cmp-007', 'cmp-009']
        ) end as campaign_id,
        case when draw('creative known', touch_key) >= 0.4
            then pick(draw('creative', touch_key), ['spring_film', 'spring_still', 'price_tag']) end as creative_key,
        'anonymous_id' as identifier_type,
        anonymous_id_of(person_no, 1) as identifier_value,
        kinds.touch_type,
        served_at + to_seconds(5 * kinds.kind_no) as touched_at,
    from served
    cross join (values (1, 'impression', 1.0), (2, 'click', 0.07)) as kinds (kind_no, touch_type, touch_share)
    where draw('clicks', touch_key) < kinds.touch_share
),

-- Chapter 2: what the treated units of the experiments got, in the first two weeks of April.
treated as (
    select
        treated_people.*,
        planted_arms.creative_key,
        planted_arms.campaign_id,
        planted_arms.channel,
        people.email,
        people.user_id,
        people.registered_at < getvariable('launch') as is_registered,
        child_key(people.k, 480 + treated_people.experiment_no) as touch_key,
    from treated_people
    inner join planted_arms
        on treated_people.experiment_key = planted_arms.experiment_key
        and treated_people.arm_key = planted_arms.arm_key
    inner join people on treated_people.person_no = people.person_no
),

treatments as (
    select
        'x' || person_no || '-' || experiment_no || '-' || kinds.kind_no as touch_id,
        campaign_id,
        creative_key,
        case
            when channel = 'email' and is_registered then 'email'
            when channel = 'in_app' then 'user_id'
            else 'anonymous_id'
        end as identifier_type,
        case
            when channel = 'email' and is_registered then email
            when channel = 'in_app' then user_id
            else anonymous_id_of(person_no, 1)
        end as identifier_value,
        kinds.touch_type,
        moment(90.3 + kinds.kind_no * 0.01 + case channel when 'email' then 0.2 else 10 end * draw('reached after', touch_key))
            as touched_at,
    from treated
    cross join (values
        (1, 'send', 1.0), (2, 'open', 0.42), (3, 'click', 0.11), (1, 'impression', 0.85), (2, 'click', 0.06)
    ) as kinds (kind_no, touch_type, touch_share)
    where
        -- A message goes by mail to those who gave an address, and is shown to the others.
        (channel = 'email' and is_registered) = (kinds.touch_type = 'send' or kinds.touch_share in (0.42, 0.11))
        and draw('reached', touch_key) < kinds.touch_share
),

all_touches as (
    select * from newsletter
    union all
    select * from ads
    union all
    select * from treatments
)

select *
from all_touches
where in_chapter(touched_at);

-- One row per campaign and day, in the currency of the advertising account. Scales with the number of customers.
create or replace view daily_delivery_rows as
with days as (
    select
        campaigns.*,
        day_no,
        child_key(
            child_key(6::ubigint, row_number() over (partition by day_no order by campaign_id)),
            (day_no + 4096) % 4096
        ) as k,
    from campaigns
    cross join range(first_day(), 120) as numbers (day_no)
),

always_on as (
    select
        *,
        floor(getvariable('customers') * reach * 8 * (0.6 + 0.8 * draw('impressions', k)))::bigint as impressions,
    from days
    where reach > 0
),

clicked as (
    select
        *,
        floor(impressions * click_rate * (0.7 + 0.6 * draw('clicks a day', k)))::bigint as clicks,
    from always_on
),

-- The campaigns of the experiments are paid for every unit they reached.
treated_days as (
    select
        days.*,
        planted_arms.unit_cost,
        coalesce(treated_counts.treated_units, 0) as treated_units,
        (1.6 - 0.1 * (days.day_no - 90)) / 11.5 as day_share,
    from days
    inner join planted_arms on days.campaign_id = planted_arms.campaign_id
    left join treated_counts on planted_arms.experiment_key = treated_counts.experiment_key
    where days.day_no between 90 and 104
),

experiment_days as (
    select
        *,
        floor(treated_units * 2.5 * day_share * (0.8 + 0.4 * draw('impressions', k)))::bigint as impressions,
        floor(treated_units * 0.12 * day_share * (0.8 + 0.4 * draw('impressions', k)))::bigint as clicks,
    from treated_days
)

select
    campaign_id,
    moment(day_no)::date as delivery_date,
    impressions,
    clicks,
    round(clicks * cost_per_click * (0.85 + 0.3 * draw('click price', k)), 2) as spend_amount,
    currency_code,
    case
        when platform = 'display' then null
        -- Platforms count generously, and in fractions.
        else round(clicks * (0.02 + 0.05 * draw('platform conversions', k)), 1)
    end as platform_conversions,
from clicked
where in_chapter(moment(day_no))
union all
select
    campaign_id,
    moment(day_no)::date,
    impressions,
    clicks,
    round(treated_units * unit_cost * day_share * (0.9 + 0.2 * draw('click price', k)), 2),
    currency_code,
    null,
from experiment_days
where in_chapter(moment(day_no));
