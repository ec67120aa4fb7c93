"""Experiments measured twice: by the marts, and by scipy and plain Python from the raw files.

The experiments are external, so that the raw files say who is in which arm; seeds and raw files are this test's own.
Every figure is held to nine digits.
"""

import collections
import datetime
import hashlib
import math

import duckdb
import numpy as np
import pytest
from scipy import stats
from warehouse import seed

AS_OF = datetime.datetime(2026, 4, 10)
START = datetime.datetime(2026, 3, 1)
OUTCOME_DAYS, COVARIATE_DAYS = 28, 14

# metric: (source, filter_type, aggregation, value_column, denominator)
METRICS = {
    "purchase_rate": ("orders", "", "any", "", ""),
    "order_count": ("orders", "", "count", "", ""),
    "revenue": ("orders", "", "sum", "order_amount", ""),
    "items": ("orders", "", "sum", "item_count", "members"),
    "event_count": ("events", "", "count", "", ""),
    "cart_value": ("events", "cart_add", "sum", "value_amount", ""),
    "clicks": ("touches", "click", "count", "", ""),
    "reached": ("touches", "", "any", "", ""),
    "subscriptions": ("events", "subscribe", "any", "", ""),  # nobody subscribes
}
EVENT_TYPES = {"product_added": "cart_add", "product_viewed": "product_view", "page_viewed": "page_view"}
EUR = 1.10

# experiment: (unit_type, alpha, arms with weights, control first; metrics)
EXPERIMENTS = {
    "three_arms": ("customer", 0.05, {"control": 0.4, "a": 0.35, "b": 0.25}, list(METRICS)),
    "accounts": ("account", 0.1, {"control": 0.5, "treatment": 0.5}, list(METRICS)),
    "odd_hours": ("customer", 0.01, {"control": 0.5, "treatment": 0.5}, ["order_count", "revenue"]),
    "skewed": ("customer", 0.05, {"control": 0.5, "treatment": 0.5}, ["order_count", "revenue"]),
    # Figures that are hard to get right, and figures that there are none of.
    "large_means": ("customer", 0.05, {"control": 0.5, "treatment": 0.5}, ["revenue"]),
    "two_units": ("customer", 0.05, {"control": 0.5, "treatment": 0.5}, ["revenue"]),
    "flat_control": ("customer", 0.05, {"control": 0.5, "treatment": 0.5}, ["order_count"]),
    "silent_control": ("customer", 0.05, {"control": 0.5, "treatment": 0.5}, ["order_count"]),
    "flat": ("customer", 0.05, {"control": 0.5, "treatment": 0.5}, ["order_count", "purchase_rate"]),
    "flat_and_equal": ("customer", 0.05, {"control": 0.5, "treatment": 0.5}, ["order_count", "revenue"]),
    "silent": ("customer", 0.05, {"control": 0.5, "treatment": 0.5}, ["order_count", "subscriptions"]),
    "one_unit": ("customer", 0.05, {"control": 0.5, "treatment": 0.5}, ["order_count"]),
    "one_arm": ("customer", 0.05, {"control": 0.5, "treatment": 0.5}, ["order_count"]),
    "no_unit": ("customer", 0.05, {"control": 0.5, "treatment": 0.5}, ["order_count"]),
    "unripe": ("customer", 0.05, {"control": 0.5, "treatment": 0.5}, ["order_count"]),
    "planned": ("customer", 0.05, {"control": 0.5, "treatment": 0.5}, ["order_count"]),
}
# What comes out of the hard cases by thought: n, means and whether there is a standard error; see `special_orders`.
SPECIAL = {
    "two_units": dict(control=[(10,), (13,)], treatment=[(11,), (19,)]),
    "flat_control": dict(control=[(5,)] * 4, treatment=[(5,), (5, 5), (), (5, 5, 5)]),
    "silent_control": dict(control=[()] * 5, treatment=[(5,), (), (5, 5)]),
    "flat": dict(control=[(5,)] * 3, treatment=[(5, 5)] * 4),
    "flat_and_equal": dict(control=[(5,)] * 3, treatment=[(5,)] * 4),
    "silent": dict(control=[()] * 3, treatment=[()] * 4),
    "one_unit": dict(control=[(5,), (), (5, 5)], treatment=[(5,)]),
    "one_arm": dict(control=[(5,), (), (5, 5)], treatment=[]),
    "unripe": dict(control=[(5,), ()], treatment=[(5,), (5, 5)]),
    "planned": dict(control=[(5,), ()], treatment=[(5,), (5, 5)]),
    "large_means": dict(
        control=[(100_000 + k % 7 / 10,) for k in range(40)], treatment=[(100_002 + k % 5 / 10,) for k in range(40)]
    ),
}


# ---- The raw files ------------------------------------------------------------------------------------------------


def seeds():
    experiments, arms, metrics = [], [], []
    for key, (unit_type, alpha, weights, metric_keys) in EXPERIMENTS.items():
        experiments.append(
            dict(experiment_key=key, hypothesis="x", unit_type=unit_type, assignment_source="external",
                 starts_at="2026-05-01" if key == "planned" else START.date(), ends_at="2026-06-01",
                 outcome_window_days=OUTCOME_DAYS, covariate_window_days=COVARIATE_DAYS,
                 primary_metric_key=metric_keys[0], planned_relative_lift=0.1, alpha=alpha, power=0.8)
        )
        arms += [
            dict(experiment_key=key, arm_key=arm, is_control=str(arm == "control").lower(), weight=weight)
            for arm, weight in weights.items()
        ]
        metrics += [dict(experiment_key=key, metric_key=metric) for metric in metric_keys]
    return seed(
        experiments=experiments,
        experiment_arms=arms,
        experiment_metrics=metrics,
        metrics=[
            dict(metric_key=key, description=key, source=source, filter_type=kind, aggregation=aggregation,
                 value_column=column, denominator_metric_key=denominator, desired_direction="increase")
            for key, (source, kind, aggregation, column, denominator) in METRICS.items()
        ],
        holdouts=[],
    )


def draw(name, number="i"):
    """A number in [0, 1) that is fixed for a row."""
    return f"(md5_number_lower('{name}' || {number}) % 1000003 / 1000003e0)"


def write_crowd(warehouse):
    """900 people with all that a person can have. Person i has user u<i>; a third also have a device, a third an e-mail
    address; facts come under any of them."""
    people = "(select unnest(range(900)) as i)"
    copies = "(select unnest(range(8)) as k)"
    who = """
        case when i % 3 = 0 and k % 2 = 0 then 'anonymous_id' when i % 3 = 1 and k % 3 = 0 then 'email' else 'user_id' end
    """
    at = f"timestamp '2026-02-01' + to_seconds(floor(5900000 * {draw('at', 'n')})::bigint)"
    warehouse.write_sql("crm/contacts", f"""
        select 'ct' || i as contact_id, 'u' || i as user_id,
            case when i % 3 = 1 then 'P' || i || '@mail.example ' end as email, null::text as phone,
            null::text as first_name, null::text as last_name, null::text as postal_code, null::text as country_code,
            case when i < 400 then 'acc' || i // 5 end as account_id, null::text as lifecycle_stage,
            i % 50 = 0 as is_internal, timestamp '2026-01-05' as created_at, null::timestamp as updated_at
        from {people} union all
        -- Person 7 changed accounts; person 8 will, after as_of.
        select 'later' || i, 'u' || i, null, null, null, null, null, null, 'acc70', null, false,
            case when i = 7 then timestamp '2026-02-02' else timestamp '2026-04-11' end, null
        from {people} where i in (7, 8)
    """)
    warehouse.write_sql("web/events", f"""
        with facts as (select *, i || '-' || k as n, {who} as who from {people} cross join {copies})
        select 'e' || n as event_id,
            (['product_added', 'product_viewed', 'page_viewed'])[1 + (i + k) % 3] as event_name,
            {at} as occurred_at, null::timestamp as received_at,
            case when who = 'anonymous_id' then 'd' || i end as anonymous_id,
            case when who <> 'anonymous_id' then 'u' || i end as user_id,
            null::text as page_url, null::text as referrer_url, null::text as search_query, null::text as product_id,
            null::text as content_id, null::text as campaign_id, null::text as device_type, null::bigint as quantity,
            case when (i + k) % 2 = 0 then round(100 * {draw('value', 'n')}, 2)::double end as value_amount,
            case when (i + k) % 4 = 0 then 'EUR' else 'USD' end as currency_code, null::text as properties
        from facts where {draw('event', 'n')} < 0.6 union all
        -- One sign-in, long ago, says whose device it is.
        select 'sign-in' || i, 'signed_in', timestamp '2026-01-10', null, 'd' || i, 'u' || i,
            null, null, null, null, null, null, null, null, null, null, null
        from {people} where i % 3 = 0
    """)
    warehouse.write_sql("shop/orders", f"""
        with facts as (select *, i || '-' || k as n, {who} as who from {people} cross join {copies})
        select 'o' || n as order_id,
            case when who = 'user_id' then 'u' || i end as user_id,
            case when who = 'email' then 'p' || i || '@mail.example' end as email,
            case when who = 'anonymous_id' then 'd' || i end as anonymous_id,
            {at} as ordered_at,
            (['completed', 'completed', 'completed', 'cancelled', 'returned'])[1 + (i * 7 + k) % 5] as order_status,
            round(20 / (0.02 + {draw('amount', 'n')}), 2)::double as order_amount,
            case when k % 3 = 0 then 'EUR' else 'USD' end as currency_code
        from facts where {draw('order', 'n')} < 0.25
    """)
    warehouse.write_sql("shop/order_lines", f"""
        select 'o' || i || '-' || k as order_id, line as line_number, 'p' as product_id, (i + k + line) % 4 as quantity,
            1.0::double as line_amount
        from {people} cross join {copies} cross join (values (1), (2)) as lines (line)
        where {draw('order', "(i || '-' || k)")} < 0.25 and (i + k) % 6 > 0
    """)
    warehouse.write_sql("ads/touches", f"""
        with facts as (select *, i || '-' || k as n, {who} as who from {people} cross join {copies})
        select 't' || n as touch_id, (['c1', 'c2', null])[1 + k % 3] as campaign_id, null::text as creative_key,
            who as identifier_type,
            case who when 'user_id' then 'u' || i when 'email' then 'p' || i || '@mail.example' else 'd' || i end
                as identifier_value,
            (['click', 'impression', 'send'])[1 + (i + k) % 3] as touch_type, {at} as touched_at
        from facts where {draw('touch', 'n')} < 0.3
    """)
    warehouse.write("ads/campaigns", [
        {"campaign_id": "c1", "platform": "x", "experiment_key": "three_arms"},
        {"campaign_id": "c2", "platform": "x"},
    ])
    # Assigned at midnights, since events and touches are known by the day; some too late for a whole window.
    midnight = f"timestamp '{START}' + to_days((i % 20)::integer)"
    warehouse.write_sql("experiments/assignments", f"""
        select 'three_arms' as experiment_key, 'customer' as unit_type,
            case when i % 3 = 0 then 'anonymous_id' when i % 3 = 1 then 'email' else 'user_id' end as identifier_type,
            case when i % 3 = 0 then 'd' || i when i % 3 = 1 then 'p' || i || '@mail.example' else 'u' || i end
                as identifier_value,
            case when {draw('three')} < 0.4 then 'control' when {draw('three')} < 0.75 then 'a' else 'b' end as arm_key,
            {midnight} as assigned_at
        from {people} union all
        -- Some were assigned twice, under another identifier: what was said first counts.
        select 'three_arms', 'customer', 'user_id', 'u' || i, 'a', {midnight} + interval 1 day
        from {people} where i % 30 = 0 union all
        select 'three_arms', 'customer', 'user_id', 'never heard of ' || i, 'control', {midnight}
        from {people} where i % 45 = 0 union all
        -- An arm and an experiment that no seed knows.
        select 'three_arms', 'customer', 'user_id', 'nobody', 'z', timestamp '{START}' union all
        select 'unknown', 'customer', 'user_id', 'u1', 'control', timestamp '{START}' union all
        select 'accounts', 'account', 'account_id', 'acc' || i,
            case when {draw('accounts')} < 0.5 then 'control' else 'treatment' end, timestamp '{START}'
        from {people} where i < 85 union all
        select 'skewed', 'customer', 'user_id', 'u' || i,
            case when {draw('skewed')} < 0.38 then 'control' else 'treatment' end, timestamp '{START}'
        from {people} union all
        select 'odd_hours', 'customer', 'user_id', 'u' || i, case when i % 2 = 0 then 'control' else 'treatment' end,
            timestamp '{START}' + to_seconds(floor(900000 * {draw('odd')})::bigint)
        from {people} where i < 300
    """)


def write_edges(warehouse):
    """Orders at the very moments at which the windows of odd_hours begin and end, and a microsecond before."""
    warehouse.write_sql("shop/orders", f"""
        with units as (
            select identifier_value, assigned_at,
                row_number() over (order by identifier_value) as i
            from read_parquet('{warehouse.raw}/experiments/assignments/part-0.parquet')
            where experiment_key = 'odd_hours'
        ),
        moments (what, days, microseconds) as (values
            ('starts', 0, 0), ('before', 0, -1), ('ends', {OUTCOME_DAYS}, 0), ('last', {OUTCOME_DAYS}, -1),
            ('covariate', -{COVARIATE_DAYS}, 0), ('earlier', -{COVARIATE_DAYS}, -1)
        )
        select what || identifier_value as order_id, identifier_value as user_id, null::text as email,
            null::text as anonymous_id,
            assigned_at + to_days(days::integer) + to_microseconds(microseconds) as ordered_at,
            'completed' as order_status, 7e0 * (1 + i % 3) as order_amount, 'USD' as currency_code
        from units cross join moments
    """, name="edges.parquet")


def write_special(warehouse):
    """The units of the hard cases, who buy what `SPECIAL` says and nothing else."""
    orders, assignments = [], []
    for key, arms in SPECIAL.items():
        assigned_at = {"planned": START, "unripe": AS_OF - datetime.timedelta(days=OUTCOME_DAYS - 1)}.get(key, START)
        for arm, units in arms.items():
            for number, amounts in enumerate(units):
                user = f"{key}-{arm}-{number}"
                assignments.append(
                    dict(experiment_key=key, identifier_value=user, arm_key=arm, assigned_at=assigned_at)
                )
                orders += [
                    dict(order_id=f"{user}-{place}", user_id=user, order_amount=amount,
                         ordered_at=assigned_at + datetime.timedelta(hours=place))
                    for place, amount in enumerate(amounts)
                ]
    warehouse.write("experiments/assignments", assignments, name="special.parquet")
    warehouse.write("shop/orders", orders, name="special.parquet")


@pytest.fixture(scope="module")
def measured(new_warehouse):
    warehouse = new_warehouse("measured", seeds=seeds())
    write_crowd(warehouse)
    write_edges(warehouse)
    write_special(warehouse)
    warehouse.build("+experiment_results", "+experiment_health", as_of=AS_OF.date().isoformat())
    return warehouse


def records(warehouse, table):
    names = warehouse.column(f"select column_name from (describe {table})")
    return [dict(zip(names, row)) for row in warehouse.query(f"select * from {table}")]


# ---- Unit outcomes from the raw files -----------------------------------------------------------------------------


def identifier(kind, value):
    """As identity knows it: an e-mail address by the hash of what it is, however it was typed."""
    return f"email:{hashlib.sha256(value.strip().lower().encode()).hexdigest()}" if kind == "email" else f"{kind}:{value}"


class Recount:
    """What each unit did, from the raw files. Of the database it takes the ledger and the identity map, no more."""

    def __init__(self, warehouse):
        self.raw = duckdb.connect()
        self.customer = dict(
            warehouse.query("select identifier_id, customer_id from main_intermediate.int_identity_map")
        )
        self.files = f"{warehouse.raw}/{{}}/*.parquet"
        self.ledger = records(warehouse, "main.experiment_assignments")
        self.facts = collections.defaultdict(list)  # (source, customer) -> [(kind, moment, values)]
        self.read_facts()
        self.members = collections.defaultdict(list)
        for account, customer in self.read_accounts().items():
            self.members[customer].append(account)

    def rows(self, table, columns):
        return self.raw.execute(f"select {columns} from read_parquet('{self.files.format(table)}')").fetchall()

    def who(self, user=None, email=None, device=None):
        known = [("user_id", user), ("email", email), ("anonymous_id", device)]
        return self.customer[next(identifier(kind, value) for kind, value in known if value)]

    def read_facts(self):
        items = collections.Counter()
        for order, quantity in self.rows("shop/order_lines", "order_id, quantity"):
            items[order] += quantity
        columns = "order_id, user_id, email, anonymous_id, ordered_at, order_status, order_amount, currency_code"
        for order, user, email, device, at, status, amount, currency in self.rows("shop/orders", columns):
            if status == "completed" and at < AS_OF:
                values = {"order_amount": amount * (EUR if currency == "EUR" else 1), "item_count": items[order]}
                self.facts["orders", self.who(user, email, device)].append(("", at, values))
        columns = "event_name, user_id, anonymous_id, occurred_at, value_amount, currency_code"
        for name, user, device, at, amount, currency in self.rows("web/events", columns):
            if at < AS_OF:
                values = {"value_amount": (amount or 0) * (EUR if currency == "EUR" else 1)}
                kind = EVENT_TYPES.get(name, "other")
                self.facts["events", self.who(user, None, device)].append((kind, at, values))
        columns = "touch_type, identifier_type, identifier_value, touched_at, campaign_id"
        for kind, who, value, at, campaign in self.rows("ads/touches", columns):
            if at < AS_OF:
                # Someone who was only shown something and never came is no customer.
                customer = self.customer.get(identifier(who, value))
                self.facts["touches", customer].append((kind, at, {"campaign_id": campaign}))

    def read_accounts(self):
        accounts = {}
        rows = self.rows("crm/contacts", "created_at, contact_id, user_id, account_id")
        for created_at, contact, _, account in sorted(rows):
            if account and created_at < AS_OF:
                accounts[self.customer[f"contact_id:{contact}"]] = account
        return accounts

    def value(self, metric, people, start, end):
        source, kind, aggregation, column, _ = METRICS[metric]
        found = [
            values
            for person in people
            for fact_kind, at, values in self.facts[source, person]
            if start <= at < end and (not kind or kind == fact_kind)
        ]
        if aggregation == "any":
            return float(bool(found))
        return float(len(found)) if aggregation == "count" else math.fsum(values[column] for values in found)

    def outcomes(self):
        found = {}
        for row in self.ledger:
            key, unit, start = row["experiment_key"], row["unit_id"], row["assigned_at"]
            people = self.members[unit] if row["unit_type"] == "account" else [unit]
            end = start + datetime.timedelta(days=OUTCOME_DAYS)
            before = start - datetime.timedelta(days=COVARIATE_DAYS)
            for metric in EXPERIMENTS[key][3]:
                found[key, metric, unit] = dict(
                    arm_key=row["arm_key"],
                    outcome_value=self.value(metric, people, start, end),
                    covariate_value=self.value(metric, people, before, start),
                    denominator_value=float(len(people)) if METRICS[metric][4] else None,
                    is_exposed=key == "three_arms" and any(
                        start <= at < end and values["campaign_id"] == "c1"
                        for person in people
                        for _, at, values in self.facts["touches", person]
                    ),
                    is_mature=end <= AS_OF,
                )
        return found


def test_unit_outcomes_are_those_of_the_raw_files(measured):
    recount = Recount(measured)
    expected = recount.outcomes()
    rows = {
        (row["experiment_key"], row["metric_key"], row["unit_id"]): row
        for row in records(measured, "main.experiment_unit_outcomes")
    }
    assert rows.keys() == expected.keys()
    assert len(rows) == len(measured.query("select 1 from main.experiment_unit_outcomes")), "one row a unit and metric"
    different = []
    for key, wanted in expected.items():
        for column, value in wanted.items():
            given = rows[key][column]
            same = math.isclose(given, value, rel_tol=1e-12) if isinstance(value, float) else given == value
            if not same:
                different.append((*key, column, given, value))
    assert not different
    # The premises: the cases that the test is for do occur.
    for column in ("is_exposed", "is_mature"):
        assert {row[column] for row in rows.values()} == {True, False}
    for metric in METRICS:
        nonzero = sum(row["outcome_value"] > 0 for row in rows.values() if row["metric_key"] == metric)
        assert (nonzero > 50) == (metric != "subscriptions")


def test_the_first_word_of_the_other_system_counts(measured):
    """Ledger units against the raw assignments: one row a customer, in the arm and at the time first said."""
    recount = Recount(measured)
    first = {}
    columns = "experiment_key, unit_type, identifier_type, identifier_value, arm_key, assigned_at"
    for key, unit_type, kind, value, arm, at in sorted(recount.rows("experiments/assignments", columns), key=lambda r: r[5]):
        if key in EXPERIMENTS and arm in EXPERIMENTS[key][2]:
            unit = value if unit_type == "account" else recount.customer[identifier(kind, value)]
            first.setdefault((key, unit), (arm, at, arm == "control"))
    ledger = {(row["experiment_key"], row["unit_id"]): (row["arm_key"], row["assigned_at"], row["is_control"])
              for row in recount.ledger}
    assert ledger == first and len(recount.ledger) == len(first)


# ---- Results from unit outcomes -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def arms(measured):
    """{(experiment, metric, arm): values of mature units}"""
    values = collections.defaultdict(list)
    for row in records(measured, "main.experiment_unit_outcomes"):
        if row["is_mature"]:
            values[row["experiment_key"], row["metric_key"], row["arm_key"]].append(row["outcome_value"])
    return {key: np.array(one) for key, one in values.items()}


@pytest.fixture(scope="module")
def results(measured):
    rows = [row for row in records(measured, "main.experiment_results") if row["method"] == "itt" and not row["is_early"]]
    found = {(row["experiment_key"], row["metric_key"], row["arm_key"]): row for row in rows}
    assert len(found) == len(rows)
    return found


def log_interval(treatment, control, alpha):
    """Relative lift and its interval: Welch on the log scale, each variance by the delta method."""
    shares = [np.var(one, ddof=1) / np.mean(one) ** 2 / len(one) for one in (treatment, control)]
    freedom = sum(shares) ** 2 / sum(s**2 / (len(one) - 1) for s, one in zip(shares, (treatment, control)))
    reach = stats.t.ppf(1 - alpha / 2, freedom) * math.sqrt(sum(shares))
    ratio = np.mean(treatment) / np.mean(control)
    return ratio - 1, ratio * math.exp(-reach) - 1, ratio * math.exp(reach) - 1


def expected_result(treatment, control, alpha):
    """What scipy says; None where there is no such figure."""
    none = np.array([])
    treatment, control = (none if one is None else one for one in (treatment, control))
    row = dict.fromkeys(
        ["control_mean", "treatment_mean", "absolute_lift", "standard_error", "degrees_of_freedom", "ci_low", "ci_high",
         "relative_lift", "relative_ci_low", "relative_ci_high", "p_value"]
    )
    row |= {"control_units": len(control), "treatment_units": len(treatment)}
    if len(control):
        row["control_mean"] = np.mean(control)
    if len(treatment):
        row["treatment_mean"] = np.mean(treatment)
    if len(control) and len(treatment):
        row["absolute_lift"] = np.mean(treatment) - np.mean(control)
        if np.mean(control) > 0 and np.mean(treatment) > 0:
            row["relative_lift"] = np.mean(treatment) / np.mean(control) - 1
    if min(len(control), len(treatment)) >= 2 and (np.ptp(control) > 0 or np.ptp(treatment) > 0):
        test = stats.ttest_ind(treatment, control, equal_var=False)
        interval = test.confidence_interval(1 - alpha)
        row |= {
            "standard_error": row["absolute_lift"] / test.statistic,
            "degrees_of_freedom": test.df,
            "ci_low": interval.low,
            "ci_high": interval.high,
            "p_value": test.pvalue,
        }
        if row["relative_lift"] is not None:
            figures = log_interval(treatment, control, alpha)
            row |= dict(zip(("relative_lift", "relative_ci_low", "relative_ci_high"), figures))
    return row


def agrees(given, wanted, allowed, scale):
    """To the allowed error relative to the figure, or to `scale` where the figure is a difference of greater ones."""
    if given is None or wanted is None:
        return given is wanted
    return math.isclose(given, wanted, rel_tol=allowed, abs_tol=allowed * scale)


@pytest.mark.filterwarnings("ignore:Precision loss")
def test_results_are_those_of_scipy(arms, results):
    expected = {
        (key, metric, arm): expected_result(arms.get((key, metric, arm)), arms.get((key, metric, "control")), alpha)
        for key, (_, alpha, weights, metrics) in EXPERIMENTS.items()
        for metric in metrics
        for arm in weights
        if arm != "control" and key != "planned"
    }
    assert results.keys() == expected.keys()
    wrong = []
    for key, wanted in expected.items():
        # A difference has the digits that what it is made of leaves it: bounds near zero are measured by their reach.
        reach = (wanted["ci_high"] or 0) - (wanted["absolute_lift"] or 0)
        scales = {"ci_low": reach, "ci_high": reach, "relative_ci_low": 1, "relative_ci_high": 1}
        digits = 1e-5 if (wanted["degrees_of_freedom"] or 9) < 2 else 1e-9
        for column, value in wanted.items():
            allowed = digits if column.endswith(("ci_low", "ci_high")) else 1e-9
            if not agrees(results[key][column], value, allowed, scales.get(column, 0)):
                wrong.append((*key, column, results[key][column], value))
    assert not wrong
    judged = [row for row in expected.values() if row["p_value"] is not None]
    assert len(judged) > 30 and any(row["p_value"] < 1e-6 for row in judged)


def test_p_values_are_adjusted_within_each_experiment(results):
    for experiment in EXPERIMENTS:
        rows = [row for key, row in results.items() if key[0] == experiment]
        judged = [row for row in rows if row["p_value"] is not None]
        if judged:
            adjusted = stats.false_discovery_control([row["p_value"] for row in judged], method="bh")
            for row, value in zip(judged, adjusted):
                assert math.isclose(row["p_value_adjusted"], value, rel_tol=1e-9), (experiment, row["metric_key"])
        assert all(row["p_value_adjusted"] is None for row in rows if row["p_value"] is None)
    # The premise: two treatments times eight metrics that vary.
    assert sum(row["p_value"] is not None for key, row in results.items() if key[0] == "three_arms") == 16


def test_sample_ratio_is_that_of_scipy(measured):
    counts = collections.Counter(
        measured.query("select experiment_key, arm_key from main.experiment_assignments")
    )
    rows = {row["experiment_key"]: row for row in records(measured, "main.experiment_health")
            if row["check_name"] == "sample_ratio"}
    assert rows.keys() == EXPERIMENTS.keys() - {"planned"}
    for key, row in rows.items():
        weights = EXPERIMENTS[key][2]
        observed = [counts[key, arm] for arm in weights]
        if not sum(observed):
            assert (row["status"], row["statistic"], row["p_value"]) == ("warn", None, None)
            continue
        test = stats.chisquare(observed, [weight * sum(observed) for weight in weights.values()])
        assert math.isclose(row["statistic"], test.statistic, rel_tol=1e-9, abs_tol=1e-12), key
        assert math.isclose(row["p_value"], test.pvalue, rel_tol=1e-9), key
        assert row["status"] == ("fail" if test.pvalue < 0.001 else "pass")
    assert rows["skewed"]["status"] == "fail" and rows["three_arms"]["status"] == "pass"


def test_no_figure_is_nan_or_infinite(measured):
    """A figure that does not exist is null: NaN passes every `> x` in DuckDB and breaks a chart."""
    tables = ("experiment_results", "experiment_health", "experiment_unit_outcomes")
    assert measured.not_finite(*(f"main.{table}" for table in tables)) == []


@pytest.mark.parametrize(
    ("experiment", "metric", "wanted"),
    [
        # Both arms constant: a lift, and nothing to say how sure it is.
        ("flat", "order_count", dict(absolute_lift=1, relative_lift=1, standard_error=None, p_value=None, ci_low=None)),
        ("flat", "purchase_rate", dict(absolute_lift=0, relative_lift=0, standard_error=None, p_value_adjusted=None)),
        ("flat_and_equal", "revenue", dict(absolute_lift=0, standard_error=None, relative_ci_low=None)),
        ("silent", "subscriptions", dict(control_mean=0, treatment_mean=0, absolute_lift=0, relative_lift=None)),
        ("silent", "order_count", dict(control_units=3, treatment_units=4, relative_lift=None, p_value=None)),
        # Nothing to divide by.
        ("silent_control", "order_count", dict(control_mean=0, absolute_lift=1, relative_lift=None, relative_ci_high=None)),
        # One unit has no variance; none has no mean.
        ("one_unit", "order_count", dict(treatment_units=1, treatment_mean=1, absolute_lift=0, standard_error=None)),
        ("one_arm", "order_count", dict(treatment_units=0, treatment_mean=None, absolute_lift=None, ci_high=None)),
        ("no_unit", "order_count", dict(control_units=0, treatment_units=0, control_mean=None, p_value=None)),
        # Assigned, but not for the whole window yet.
        ("unripe", "order_count", dict(control_units=0, treatment_units=0, treatment_mean=None)),
    ],
)
def test_figures_that_do_not_exist_are_null(results, experiment, metric, wanted):
    row = results[experiment, metric, "treatment"]
    assert {column: row[column] for column in wanted} == wanted


# ---- Units that merged after they were assigned -------------------------------------------------------------------

DEVICES = 40
# Pairs that turn out to be one person: two of them had one arm each, one pair the same. The first was assigned first.
ACROSS, WITHIN = [(0, 1), (4, 7)], [(8, 10)]
MERGED_INTO = {max(pair): min(pair) for pair in [*ACROSS, *WITHIN]}
DOUBTFUL = {min(pair) for pair in ACROSS}


def orders_of(device):
    """How many a device makes in its outcome window."""
    return device * 7 % 5


@pytest.fixture(scope="module")
def merged(new_warehouse):
    """Devices that another system assigned, built before and after the sign-ins that show who is who."""
    one = dict(experiment_key="merging")
    warehouse = new_warehouse("merging", seeds=seed(
        experiments=[one | dict(hypothesis="x", unit_type="customer", assignment_source="external", starts_at=START.date(),
                                ends_at="2026-03-05", outcome_window_days=14, covariate_window_days=7,
                                primary_metric_key="order_count", planned_relative_lift=0.1, alpha=0.05, power=0.8)],
        experiment_arms=[one | dict(arm_key=arm, is_control=str(arm == "control").lower(), weight=0.5)
                         for arm in ("control", "treatment")],
        experiment_metrics=[one | dict(metric_key=metric) for metric in ("order_count", "purchase_rate")],
        holdouts=[],
    ))  # fmt: skip
    warehouse.write("experiments/assignments", [
        one | dict(identifier_type="anonymous_id", identifier_value=f"d{device}", arm_key=("control", "treatment")[device % 2],
                   assigned_at=START + datetime.timedelta(minutes=device))
        for device in range(DEVICES)
    ])  # fmt: skip
    warehouse.write("shop/orders", [
        dict(order_id=f"o{device}-{number}", user_id=None, anonymous_id=f"d{device}",
             ordered_at=START + datetime.timedelta(days=1 + number))
        for device in range(DEVICES) for number in range(orders_of(device))
    ])  # fmt: skip
    built = ("+experiment_results", "+experiment_health")
    warehouse.build(*built, as_of="2026-03-04")
    warehouse.write("web/events", [
        dict(event_id=f"s{device}", anonymous_id=f"d{device}", user_id=f"u{first}",
             occurred_at=START + datetime.timedelta(days=4))
        for later, first in MERGED_INTO.items() for device in (later, first)
    ])  # fmt: skip
    warehouse.build(*built, as_of=AS_OF.date().isoformat())
    return warehouse


@pytest.mark.parametrize("method", ["itt", "itt_unmerged"])
def test_a_merge_across_arms_counts_in_the_first_and_then_not_at_all(merged, method):
    counts = collections.Counter()
    for device in range(DEVICES):
        counts[MERGED_INTO.get(device, device)] += orders_of(device)
    kept = {unit: count for unit, count in counts.items() if method == "itt" or unit not in DOUBTFUL}
    assert len(counts) == DEVICES - 3 and (len(kept) < len(counts)) == (method == "itt_unmerged")
    rows = {row["metric_key"]: row for row in records(merged, "main.experiment_results") if row["method"] == method}
    judged = {}
    for metric, value in (("order_count", lambda count: count), ("purchase_rate", lambda count: float(count > 0))):
        control, treatment = ([value(count) for unit, count in kept.items() if unit % 2 == arm] for arm in (0, 1))
        wanted = expected_result(np.array(treatment), np.array(control), 0.05)
        assert [c for c, v in wanted.items() if not agrees(rows[metric][c], v, 1e-9, 1)] == []
        judged[metric] = wanted["p_value"]
    # Adjusted among the method's own two comparisons.
    for metric, value in zip(judged, stats.false_discovery_control(list(judged.values()), method="bh")):
        assert math.isclose(rows[metric]["p_value_adjusted"], value, rel_tol=1e-9)


def test_merged_units_are_reported(merged):
    (row,) = (row for row in records(merged, "main.experiment_health") if row["check_name"] == "merged_units")
    assert (row["status"], row["p_value"]) == ("warn", None)
    assert math.isclose(row["statistic"], 2 / 37)
    assert row["detail"] == "of 37 units 1 stand for several of one arm and 2 for units of different arms (5.41 %)"


def test_a_finished_experiment_remembers_both_populations(merged):
    rows = records(merged, "main_intermediate.int_experiment_finished_statistics")
    assert {(row["population"], row["arm_key"]): row["unit_count"] for row in rows if row["metric_key"] == "order_count"} == {
        ("all", "control"): 19, ("all", "treatment"): 18, ("unmerged", "control"): 17, ("unmerged", "treatment"): 18,
    }  # fmt: skip
