"""Every question that the dashboard and the report ask of the published marts, in one place.

Each gives few rows: sums, counts and what is one row a segment or an experiment, never one a customer. A parameter
stands as $name. tests/python/test_dashboard_queries.py asks them all of the marts' contracts.
"""

from dashboard.data import Query

# How many rows a list shows at most; the page says of how many.
LISTED = 50

# Of what a customer did in a window, what a segment is compared with everybody by.
FEATURES = {
    "session_count": "Sessions",
    "active_days": "Active days",
    "product_views": "Product views",
    "pricing_page_views": "Pricing page views",
    "cart_adds": "Cart additions",
    "checkout_starts": "Checkouts begun",
    "searches": "Searches",
    "content_interactions": "Content interactions",
    "ad_clicks": "Ad clicks",
    "feature_uses": "Feature uses",
    "support_tickets": "Support tickets",
    "order_count": "Orders",
    "revenue_amount": "Revenue",
}

# How many of what is behind a chart are drawn.
DRAWN = 15

TODAY = "(select cast(max(as_of) as date) from publication)"


# --- The file itself -------------------------------------------------------------------------------------------------

PUBLICATION = Query(
    """
    select max(as_of) as as_of, max(published_at) as published_at, count(*) as mart_count, sum(row_count)::bigint as row_count
    from publication
    """,
    ("publication",),
)

COMMENTS = Query(
    """
    select table_name as mart, column_name, comment
    from duckdb_columns()
    where database_name = 'published' and comment is not null
    """,
    (),
)


# --- Customers -------------------------------------------------------------------------------------------------------

CUSTOMERS = Query(
    """
    select
        count(*) as customers,
        count(*) filter (where is_known) as known,
        count(*) filter (where is_targetable) as targetable,
        count(*) filter (where is_targetable and has_ad_consent) as ad_reach,
        count(*) filter (where is_targetable and has_email_consent) as email_reach,
        count(*) filter (where is_targetable and (has_ad_consent or has_email_consent)) as reach,
        count(*) filter (where order_count > 0) as buyers,
        max(last_seen_at) as last_seen_at
    from customers
    """,
    ("customers",),
)

LIFECYCLE = Query(
    """
    select
        lifecycle_stage,
        count(*) as customers,
        count(*) filter (where has_ad_consent) as ad_consents,
        count(*) filter (where has_email_consent) as email_consents
    from customers
    group by lifecycle_stage
    order by customers desc, lifecycle_stage
    """,
    ("customers",),
)


# --- Segments --------------------------------------------------------------------------------------------------------

# A segment that has nobody in it is not one that is too small.
SIZES = f"""
    sizes as (
        select * replace (case when member_count = 0 then 'no_members' else size_status end as size_status)
        from segment_sizes
        where as_of_date = {TODAY}
    )
"""

SIZE_STATUS = Query(
    f"""
    with
    {SIZES}
    select size_status, count(*) as segments
    from sizes
    group by size_status
    order by list_position(['too_small', 'ok', 'too_large', 'no_members'], size_status)
    """,
    ("segment_sizes", "publication"),
)

CATALOGUE = Query(
    f"""
    with
    {SIZES},
    moves as (select * from segment_stability where as_of_date = {TODAY}),
    found as (
        select
            segments.segment_id, segments.kind, segments.owner, segments.purpose, segments.description,
            sizes.member_count, sizes.eligible_count, sizes.size_status, sizes.min_size, sizes.max_size,
            case when moves.previous_as_of_date is not null then moves.entered_count end as entered_count,
            case when moves.previous_as_of_date is not null then moves.exited_count end as exited_count,
            moves.jaccard
        from segments
        left join sizes on segments.segment_id = sizes.segment_id
        left join moves on segments.segment_id = moves.segment_id
        where
            ($kind = 'all' or segments.kind = $kind)
            and ($size_status = 'all' or sizes.size_status = $size_status)
            and contains(
                lower(concat_ws(' ', segments.segment_id, segments.description, segments.purpose, segments.signals, segments.owner)),
                lower($search)
            )
    )
    select *, count(*) over () as match_count
    from found
    order by member_count desc nulls last, segment_id
    limit {LISTED}
    """,
    ("segments", "segment_sizes", "segment_stability", "publication"),
)

SEGMENT_IDS = Query(
    f"""
    select segments.segment_id
    from segments
    left join segment_sizes on segments.segment_id = segment_sizes.segment_id and segment_sizes.as_of_date = {TODAY}
    order by coalesce(segment_sizes.member_count, 0) = 0, segments.segment_id
    """,
    ("segments", "segment_sizes", "publication"),
)

SIZE_HISTORY = Query(
    """
    select segment_id, as_of_date, member_count, eligible_count, size_status
    from segment_sizes
    where list_contains($segments, segment_id)
    order by segment_id, as_of_date
    """,
    ("segment_sizes",),
)

MOVES = Query(
    f"""
    select segment_id, previous_as_of_date, as_of_date, entered_count, exited_count, jaccard
    from segment_stability
    where as_of_date = {TODAY} and previous_as_of_date is not null and list_contains($segments, segment_id)
    order by segment_id
    """,
    ("segment_stability", "publication"),
)

OVERLAPS = Query(
    """
    with pairs as (
        select segment_id, other_segment_id, shared_count, jaccard
        from segment_overlaps
        where list_contains($segments, segment_id) and list_contains($segments, other_segment_id)
    )
    select segment_id, other_segment_id, shared_count, jaccard from pairs
    union all
    select other_segment_id, segment_id, shared_count, jaccard from pairs
    order by segment_id, other_segment_id
    """,
    ("segment_overlaps",),
)

SEGMENT = Query(
    f"""
    with
    {SIZES}
    select segments.*, sizes.member_count, sizes.eligible_count, sizes.size_status
    from segments
    left join sizes on segments.segment_id = sizes.segment_id
    where segments.segment_id = $segment
    """,
    ("segments", "segment_sizes", "publication"),
)

MEMBERS_BY_STAGE = Query(
    """
    with members as (select customer_id from segment_memberships where segment_id = $segment)
    select
        customers.lifecycle_stage,
        count(*) as members,
        count(*) filter (where customers.has_ad_consent) as ad_consents,
        count(*) filter (where customers.has_email_consent) as email_consents
    from members
    inner join customers on members.customer_id = customers.customer_id
    group by customers.lifecycle_stage
    order by members desc, customers.lifecycle_stage
    """,
    ("segment_memberships", "customers"),
)

# When the members did last what lets them in. Ages that have few members say little, so they are put together.
MEMBERS_BY_AGE = Query(
    """
    with
    ages as (
        select date_sub('day', qualified_at, (select max(as_of) from publication)) as age_days
        from segment_memberships
        where segment_id = $segment
    )
    select
        case
            when age_days is null then 6 when age_days < 1 then 0 when age_days < 3 then 1 when age_days < 7 then 2
            when age_days < 14 then 3 when age_days < 30 then 4 else 5
        end as bucket,
        count(*) as members
    from ages
    group by bucket
    order by bucket
    """,
    ("segment_memberships", "publication"),
)

SCORES = Query(
    """
    select
        count(*) as members, count(score) as scored, min(score) as lowest, quantile_cont(score, 0.25) as low_quarter,
        quantile_cont(score, 0.75) as high_quarter, max(score) as highest
    from segment_memberships
    where segment_id = $segment
    """,
    ("segment_memberships",),
)

# The shortest window of the mart that holds the segment's own; without one of its own, the longest.
COMPARED_WINDOW = """
    own_window as (select max(lookback_days) as own_days from segments where segment_id = $segment),
    compared_window as (
        select coalesce(min(lookback_days) filter (where lookback_days >= own_days), max(lookback_days)) as lookback_days
        from {mart}
        cross join own_window
    )
"""

SEGMENT_FEATURES = Query(
    """
    with
    """
    + COMPARED_WINDOW.format(mart="customer_features")
    + """,
    members as (select customer_id from segment_memberships where segment_id = $segment),
    features as (
        select customer_features.*, members.customer_id is not null as is_member
        from customer_features
        inner join customers on customer_features.customer_id = customers.customer_id
        left join members on customer_features.customer_id = members.customer_id
        where customers.is_targetable and customer_features.lookback_days = (select lookback_days from compared_window)
    )
    select
        max(lookback_days) as lookback_days,
        count(*) as population,
        count(*) filter (where is_member) as members,
    """
    + ",\n".join(
        f"        avg({name}) filter (where is_member) as member_{name}, avg({name}) as all_{name}" for name in FEATURES
    )
    + "\n    from features",
    ("segments", "customer_features", "customers", "segment_memberships"),
)

SEGMENT_EXPERIMENTS = Query(
    """
    select
        experiments.experiment_key, experiments.hypothesis, experiments.status,
        readouts.arm_key, readouts.metric_key, readouts.verdict, readouts.reason,
        readouts.absolute_lift, readouts.ci_low, readouts.ci_high
    from experiments
    left join experiment_readouts as readouts
        on experiments.experiment_key = readouts.experiment_key and readouts.is_primary
    where experiments.segment_id in ($segment, $family)
    order by experiments.experiment_key, readouts.arm_key
    """,
    ("experiments", "experiment_readouts"),
)

SEGMENT_OWN_LIFTS = Query(
    """
    select
        lifts.experiment_key, lifts.arm_key, lifts.metric_key, lifts.segment_id,
        lifts.control_units, lifts.treatment_units,
        lifts.raw_lift, lifts.raw_ci_low, lifts.raw_ci_high,
        lifts.pooled_lift, lifts.pooled_ci_low, lifts.pooled_ci_high, lifts.reason, lifts.reading
    from segment_lifts as lifts
    inner join experiments
        on lifts.experiment_key = experiments.experiment_key and lifts.metric_key = experiments.primary_metric_key
    where lifts.segment_id = $segment
    order by lifts.experiment_key, lifts.arm_key
    """,
    ("segment_lifts", "experiments"),
)

# A campaign may name the segment itself or its whole family; the two are kept apart.
SEGMENT_DELIVERY = Query(
    """
    select segment_id, delivery_date, impressions, clicks, spend_amount, currency_code
    from segment_performance
    where segment_id in ($segment, $family)
    order by segment_id, delivery_date
    """,
    ("segment_performance",),
)

SEGMENT_FUNNEL = Query(
    f"""
    with
    {COMPARED_WINDOW.format(mart="segment_funnels")}
    select lookback_days, step, reached_count
    from segment_funnels
    where segment_id = $segment and lookback_days = (select lookback_days from compared_window)
    order by step_number
    """,
    ("segment_funnels", "segments"),
)


COHORTS = Query(
    """
    select entry_week, week_number, entered_customers, ordering_customers, converted_customers, conversion_rate, is_complete
    from segment_cohorts
    where segment_id = $segment
    order by entry_week, week_number
    """,
    ("segment_cohorts",),
)


# --- Experiments -----------------------------------------------------------------------------------------------------

EXPERIMENTS = Query("select * from experiments order by status = 'planned', experiment_key", ("experiments",))

READOUTS = Query(
    """
    select
        readouts.*, experiments.hypothesis, experiments.status, experiments.segment_id,
        -- For a chart of relative lifts: where the method gives none, that of itt, which is right once all windows are complete.
        coalesce(readouts.relative_ci_low, itt.relative_ci_low) as drawn_ci_low,
        coalesce(readouts.relative_ci_high, itt.relative_ci_high) as drawn_ci_high,
        case when readouts.relative_ci_low is not null then readouts.relative_lift else itt.relative_lift end as drawn_lift,
        readouts.relative_ci_low is null and itt.relative_ci_low is not null as is_drawn_by_itt
    from experiment_readouts as readouts
    inner join experiments on readouts.experiment_key = experiments.experiment_key
    left join experiment_results as itt
        on
            readouts.experiment_key = itt.experiment_key
            and readouts.arm_key = itt.arm_key
            and readouts.metric_key = itt.metric_key
            and itt.method = 'itt'
            and itt.slice = 'all'
            and readouts.is_complete
            and readouts.absolute_lift is not null
    order by readouts.experiment_key, readouts.arm_key, readouts.is_primary desc, readouts.metric_key
    """,
    ("experiment_readouts", "experiments", "experiment_results"),
)

ARMS = Query(
    """
    select
        arms.arm_key, arms.is_control, arms.weight,
        count(assignments.unit_id) as assigned_units
    from experiment_arms as arms
    left join experiment_assignments as assignments
        on arms.experiment_key = assignments.experiment_key and arms.arm_key = assignments.arm_key
    where arms.experiment_key = $experiment
    group by arms.arm_key, arms.is_control, arms.weight
    order by arms.is_control desc, arms.arm_key
    """,
    ("experiment_arms", "experiment_assignments"),
)

METHODS = Query(
    """
    select * from experiment_results
    where experiment_key = $experiment and metric_key = $metric and slice = 'all'
    order by arm_key, method
    """,
    ("experiment_results",),
)

HEALTH = Query(
    """
    select check_name, status, detail
    from experiment_health
    where experiment_key = $experiment
    order by status = 'pass', status, check_name
    """,
    ("experiment_health",),
)

HEALTH_SUMMARY = Query(
    """
    select
        experiment_key,
        count(*) as checks,
        count(*) filter (where status = 'fail') as failed,
        count(*) filter (where status = 'warn') as warned,
        string_agg(check_name || ': ' || detail, '; ' order by check_name) filter (where status <> 'pass') as detail
    from experiment_health
    group by experiment_key
    order by experiment_key
    """,
    ("experiment_health",),
)

LAUNCH_CHECKS = Query(
    """
    select experiment_key, check_name, status, detail
    from experiment_launch_checks
    order by experiment_key, status = 'pass', status, check_name
    """,
    ("experiment_launch_checks",),
)

POWER = Query(
    "select * from experiment_power order by experiment_key, is_primary desc, metric_key",
    ("experiment_power",),
)

CUMULATIVE = Query(
    """
    select
        experiment_key, arm_key, as_of_date, days_since_start, absolute_lift, ci_low, ci_high, fixed_ci_low, fixed_ci_high,
        control_units, treatment_units, reason, is_as_in_result, is_readable
    from experiment_cumulative_lifts
    where experiment_key = $experiment and metric_key = $metric
    order by arm_key, as_of_date
    """,
    ("experiment_cumulative_lifts",),
)

# The segments through which most units came in: where a lift of their own says most.
SEGMENT_LIFTS = Query(
    f"""
    select *, count(*) over () as match_count
    from segment_lifts
    where experiment_key = $experiment and metric_key = $metric and raw_lift is not null and raw_ci_low is not null
    order by control_units + treatment_units desc, segment_id, arm_key
    limit {DRAWN}
    """,
    ("segment_lifts",),
)


SLICES = Query(
    f"""
    select
        experiment_key, arm_key, dimension_value, control_units, treatment_units, absolute_lift, ci_low, ci_high,
        p_value_adjusted, reading, count(*) over () as match_count
    from experiment_slices
    where experiment_key = $experiment and metric_key = $metric and dimension = $dimension
    order by ci_low is null, control_units + treatment_units desc, dimension_value, arm_key
    limit {DRAWN}
    """,
    ("experiment_slices",),
)

# What the slices of a dimension say together stands in each of their rows.
SLICE_TESTS = Query(
    """
    select
        experiment_key, arm_key, dimension,
        count(*) as slices, count(ci_low) as with_figure,
        max(compared_slice_count) as compared_slice_count, max(interaction_p_value_adjusted) as interaction_p_value_adjusted,
        bool_and(is_readable) as is_readable
    from experiment_slices
    where experiment_key = $experiment and metric_key = $metric
    group by experiment_key, arm_key, dimension
    order by dimension, arm_key
    """,
    ("experiment_slices",),
)


# --- Performance and economics ---------------------------------------------------------------------------------------

# Orders are set against spend only on days that are complete and of which orders are known: the others would be
# spend without orders.
PERFORMANCE = Query(
    f"""
    select
        segment_id,
        max(currency_code) as currency_code,
        sum(impressions)::bigint as impressions,
        sum(clicks)::bigint as clicks,
        sum(spend_amount) as spend_amount,
        sum(clicks) / nullif(sum(impressions), 0) as ctr,
        sum(spend_amount) / nullif(sum(clicks), 0) as cpc,
        sum(conversions) filter (where is_complete)::bigint as orders,
        sum(revenue_amount) filter (where is_complete) as revenue,
        sum(spend_amount) filter (where is_complete and conversions is not null)
            / nullif(sum(conversions) filter (where is_complete and spend_amount is not null), 0) as cpa,
        count(*) over () as match_count
    from segment_performance
    group by segment_id
    order by spend_amount desc nulls last, segment_id
    limit {LISTED}
    """,
    ("segment_performance",),
)

SPEND_BY_DAY = Query(
    """
    select delivery_date, sum(spend_amount) as spend_amount, sum(clicks)::bigint as clicks,
        sum(impressions)::bigint as impressions, max(currency_code) as currency_code
    from segment_performance
    group by delivery_date
    order by delivery_date
    """,
    ("segment_performance",),
)

SPEND = Query(
    """
    select sum(spend_amount) as spend_amount, sum(impressions)::bigint as impressions, sum(clicks)::bigint as clicks,
        count(distinct segment_id) as segments, min(delivery_date) as first_day, max(delivery_date) as last_day,
        max(currency_code) as currency_code
    from segment_performance
    """,
    ("segment_performance",),
)

UNASSIGNED_SPEND = Query(
    """
    select reason, count(distinct campaign_id) as campaigns, sum(spend_amount) as spend_amount,
        max(currency_code) as currency_code
    from unassigned_spend
    group by reason
    order by reason
    """,
    ("unassigned_spend",),
)

ECONOMICS = Query(
    "select * from experiment_economics order by experiment_key, arm_key",
    ("experiment_economics",),
)

ATTRIBUTION = Query(
    "select * from attribution_vs_incrementality order by experiment_key, arm_key, model",
    ("attribution_vs_incrementality",),
)

SAVINGS = Query(
    f"""
    select *, count(*) over () as match_count
    from exclusion_savings
    order by is_excluded desc, saved_amount desc nulls last, segment_id, excluded_segment_id
    limit {LISTED}
    """,
    ("exclusion_savings",),
)


# --- Activation ------------------------------------------------------------------------------------------------------

AUDIENCES = Query(
    """
    select destination_key, segment_id, count(*) as people
    from audience_members
    group by destination_key, segment_id
    order by people desc, destination_key, segment_id
    """,
    ("audience_members",),
)

ADDRESSABLE = Query("select count(distinct customer_id) as people from audience_members", ("audience_members",))

EXCLUSIONS = Query(
    """
    select destination_key, reason, count(*) as left_out
    from audience_exclusions
    group by destination_key, reason
    order by left_out desc, destination_key, reason
    """,
    ("audience_exclusions",),
)

SUPPRESSIONS = Query(
    """
    select scope_type, scope_key, reason, count(distinct customer_id) as customers
    from suppressions
    group by scope_type, scope_key, reason
    order by customers desc, scope_type, scope_key, reason
    """,
    ("suppressions",),
)

CHANGES = Query(
    """
    select
        destination_key, segment_id,
        count(*) filter (where operation = 'add') as additions,
        count(*) filter (where operation = 'remove') as removals
    from audience_changes
    group by destination_key, segment_id
    order by additions + removals desc, destination_key, segment_id
    """,
    ("audience_changes",),
)

CREATIVES = Query(
    """
    select coalesce(creative_key, 'none') as creative_key, chosen_by, reason, count(*) as customers
    from creative_decisions
    group by creative_key, chosen_by, reason
    order by customers desc, creative_key, chosen_by, reason
    """,
    ("creative_decisions",),
)


# --- Data health -----------------------------------------------------------------------------------------------------

REJECTS = Query(
    """
    select source_table, reason, count(*) as refused
    from rejected_rows
    group by source_table, reason
    order by refused desc, source_table, reason
    """,
    ("rejected_rows",),
)

RETENTION = Query(
    """
    select scope, scope_key, retention_days, row_count, oldest_at, removed_count
    from retention_status
    order by scope = 'segment_family', scope, scope_key
    """,
    ("retention_status",),
)

IDENTITY = Query(
    """
    select check_name, status, detail
    from identity_health
    order by status = 'pass', status, check_name
    """,
    ("identity_health",),
)
