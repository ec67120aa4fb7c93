with

daily_delivery as (
    -- Four weeks, so that every weekday counts alike.
    select * from {{ ref('stg_ads__daily_delivery') }}
    where
        delivery_date < cast({{ as_of() }} as date)
        and delivery_date >= cast({{ dbt.dateadd('day', -28, as_of()) }} as date)
),

campaigns as (
    select * from {{ ref('stg_ads__campaigns') }}
    where segment_id is not null
),

segments as (select * from {{ ref('segments') }}),

memberships as (select * from {{ ref('segment_memberships') }}),

rules as (select * from {{ ref('int_segment_exclusions') }}),

spent as (
    select
        campaigns.segment_id,
        {{ stable_sum('daily_delivery.spend_reporting_amount') }} as spend_amount
    from daily_delivery
    inner join campaigns on daily_delivery.campaign_id = campaigns.campaign_id
    group by campaigns.segment_id
),

named_segments as (
    -- A campaign names a segment or a whole family.
    select segment_id as named_id, segment_id, family
    from segments
    where kind = 'audience'
    union
    select family as named_id, segment_id, family
    from segments
    where kind = 'audience'
),

targeted as (
    select
        spent.segment_id,
        memberships.customer_id,
        min(named_segments.family) as family
    from spent
    inner join named_segments on spent.segment_id = named_segments.named_id
    inner join memberships on named_segments.segment_id = memberships.segment_id
    group by spent.segment_id, memberships.customer_id
),

avoidable as (
    -- A target's members who are in a segment of kind exclusion, and whether its family leaves them out.
    select
        targeted.segment_id,
        targeted.customer_id,
        segments.segment_id as excluded_segment_id,
        max(case when rules.family is not null then 1 else 0 end) as is_rule
    from targeted
    inner join memberships on targeted.customer_id = memberships.customer_id
    inner join segments
        on memberships.segment_id = segments.segment_id and segments.kind = 'exclusion'
    left join rules
        on
            targeted.family = rules.family
            and segments.family = rules.excluded_family
            and coalesce(rules.excluded_lookback_days, segments.lookback_days, -1)
            = coalesce(segments.lookback_days, -1)
    group by targeted.segment_id, targeted.customer_id, segments.segment_id
),

left_out as (
    select segment_id, customer_id
    from avoidable
    where is_rule = 1
    group by segment_id, customer_id
),

sizes as (
    select
        targeted.segment_id,
        count(*) as member_count,
        count(*) - count(left_out.customer_id) as addressed_count
    from targeted
    left join left_out
        on
            targeted.segment_id = left_out.segment_id
            and targeted.customer_id = left_out.customer_id
    group by targeted.segment_id
),

excluded as (
    -- A rule that is not there yet saves nothing on those whom another one leaves out.
    select
        avoidable.segment_id,
        avoidable.excluded_segment_id,
        max(avoidable.is_rule) = 1 as is_excluded,
        count(*) filter (
            where avoidable.is_rule = 1 or left_out.customer_id is null
        ) as excluded_count
    from avoidable
    left join left_out
        on
            avoidable.segment_id = left_out.segment_id
            and avoidable.customer_id = left_out.customer_id
    group by avoidable.segment_id, avoidable.excluded_segment_id
),

priced as (
    select
        sizes.segment_id,
        sizes.member_count,
        sizes.addressed_count,
        spent.spend_amount,
        spent.spend_amount / nullif(sizes.addressed_count, 0) as spend_per_member
    from sizes
    inner join spent on sizes.segment_id = spent.segment_id
),

final as (
    select
        priced.segment_id,
        excluded.excluded_segment_id,
        excluded.is_excluded,
        priced.member_count,
        priced.addressed_count,
        excluded.excluded_count,
        priced.spend_amount,
        priced.spend_per_member,
        excluded.excluded_count * priced.spend_per_member as saved_amount,
        '{{ var("reporting_currency") }}' as currency_code
    from priced
    inner join excluded on priced.segment_id = excluded.segment_id
)

select * from final
