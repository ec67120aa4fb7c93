-- What could each segment tell, and how many people would it take? For every segment and metric the
-- least relative lift that an even split of today's members finds with 80 % power at a two-sided
-- error rate of 5 %, and the people that a lift of 10, 20 or 50 % takes; `cuped` where the analysis
-- uses the covariate. Mean and spread are of four weeks: of those who were members four weeks ago or
-- more where that was observed (history), else of today's members in the four weeks before today
-- (members), whom their own behaviour chose; docs/methods.md, "Power", says how far that is off.
-- Before you launch on a segment, ask whether any message could cause as much.
-- Run it with: dbt show -s how_big_must_the_segment_be --limit 50
with

memberships as (select * from {{ ref('segment_memberships') }}),

history as (select * from {{ ref('segment_membership_history') }}),

stability as (select * from {{ ref('segment_stability') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

profiles as (
    select * from {{ ref('int_customer_profiles') }}
    where is_targetable
),

metrics as (
    -- A customer is one person, so that `members` below the line is 1.
    select * from {{ ref('metrics') }}
    where denominator_metric_key is null or denominator_metric_key = 'members'
),

facts as (select * from {{ ref('int_metric_facts') }}),

sizes as (
    select * from {{ ref('segment_sizes') }}
    where as_of_date = cast({{ as_of() }} as date)
),

first_days as (
    select min(as_of_date) as observed_on
    from stability
    where
        as_of_date >= cast({{ dbt.dateadd('day', -56, as_of()) }} as date)
        and as_of_date <= cast({{ dbt.dateadd('day', -28, as_of()) }} as date)
),

former_members as (
    select
        history.segment_id,
        profiles.customer_id,
        min(greatest(history.valid_from, first_days.observed_on)) as entered_on
    from history
    inner join first_days
        on
            history.valid_from
            <= cast({{ dbt.dateadd('day', -28, as_of()) }} as date)
            and (history.valid_to is null or history.valid_to > first_days.observed_on)
    left join identity_map on history.customer_id = identity_map.identifier_key
    inner join profiles
        on coalesce(identity_map.customer_id, history.customer_id) = profiles.customer_id
    group by history.segment_id, profiles.customer_id
),

former_counts as (
    select segment_id, count(*) as former_count
    from former_members
    group by segment_id
),

people as (
    select
        former_members.segment_id,
        'history' as baseline_basis,
        former_members.customer_id,
        cast(former_members.entered_on as timestamp) as baseline_at
    from former_members
    inner join former_counts on former_members.segment_id = former_counts.segment_id
    where former_counts.former_count >= 100
    union all
    select
        memberships.segment_id,
        'members' as baseline_basis,
        memberships.customer_id,
        {{ dbt.dateadd('day', -28, as_of()) }} as baseline_at
    from memberships
    left join former_counts
        on memberships.segment_id = former_counts.segment_id and former_counts.former_count >= 100
    where former_counts.segment_id is null
),

sums as (
    select
        people.segment_id,
        people.customer_id,
        facts.metric_key,
        facts.fact_at >= people.baseline_at as is_outcome,
        sum(facts.fact_count) as fact_count,
        sum(facts.fact_value) as fact_value
    from people
    inner join facts
        on
            people.customer_id = facts.customer_id
            and facts.fact_at >= {{ dbt.dateadd('day', -28, 'people.baseline_at') }}
            and facts.fact_at < {{ dbt.dateadd('day', 28, 'people.baseline_at') }}
    group by
        people.segment_id,
        people.customer_id,
        facts.metric_key,
        facts.fact_at >= people.baseline_at
),

paired as (
    select
        people.segment_id,
        people.baseline_basis,
        metrics.metric_key,
        {{ metric_value('metrics.aggregation', 'outcomes') }} as outcome,
        {{ metric_value('metrics.aggregation', 'covariates') }} as covariate
    from people
    cross join metrics
    left join sums as outcomes
        on
            people.segment_id = outcomes.segment_id
            and people.customer_id = outcomes.customer_id
            and metrics.metric_key = outcomes.metric_key
            and outcomes.is_outcome
    left join sums as covariates
        on
            people.segment_id = covariates.segment_id
            and people.customer_id = covariates.customer_id
            and metrics.metric_key = covariates.metric_key
            and not covariates.is_outcome
),

baselines as (
    -- Below 20 people, and where nothing varies, there is nothing to judge by.
    select
        segment_id,
        baseline_basis,
        metric_key,
        count(*) as baseline_count,
        avg(outcome) as baseline_mean,
        sqrt(var_samp(outcome)) as deviation,
        case
            when var_samp(outcome) > 0 and var_samp(covariate) > 0
                then covar_samp(outcome, covariate) / sqrt(var_samp(outcome) * var_samp(covariate))
        end as correlation
    from paired
    group by segment_id, baseline_basis, metric_key
    having count(*) >= 20 and avg(outcome) > 0
),

judged as (
    select
        sizes.segment_id,
        baselines.metric_key,
        sizes.member_count,
        sizes.size_status,
        baselines.baseline_basis,
        baselines.baseline_mean,
        baselines.deviation / baselines.baseline_mean as relative_deviation,
        baselines.correlation,
        -- The variance of a rate grows with it.
        case
            when metrics.aggregation = 'any' and metrics.denominator_metric_key is null
                then 1 / baselines.baseline_mean - 2
        end as relative_slope,
        {{ power_quantiles('0.05', '0.8') }} as quantiles
    from sizes
    inner join baselines on sizes.segment_id = baselines.segment_id
    inner join metrics on baselines.metric_key = metrics.metric_key
),

final as (
    select
        segment_id,
        metric_key,
        member_count,
        size_status,
        baseline_basis,
        baseline_mean,
        {{ minimum_detectable_effect(
            'quantiles', 'relative_deviation', 'member_count / 2e0', 'member_count / 2e0',
            variance_slope='relative_slope'
        ) }} as detectable_relative_lift,
        {{ minimum_detectable_effect(
            'quantiles', 'relative_deviation', 'member_count / 2e0', 'member_count / 2e0',
            'correlation', 'relative_slope'
        ) }} as detectable_relative_lift_cuped,
        {{ units_needed(
            'quantiles', 'relative_deviation', '0.1e0', '0.5e0', '0.5e0',
            variance_slope='relative_slope'
        ) }} as people_for_10_percent,
        {{ units_needed(
            'quantiles', 'relative_deviation', '0.2e0', '0.5e0', '0.5e0',
            variance_slope='relative_slope'
        ) }} as people_for_20_percent,
        {{ units_needed(
            'quantiles', 'relative_deviation', '0.5e0', '0.5e0', '0.5e0',
            variance_slope='relative_slope'
        ) }} as people_for_50_percent
    from judged
)

select * from final
order by detectable_relative_lift nulls last, segment_id, metric_key
