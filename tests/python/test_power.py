"""What an experiment can show: the formulas against known answers and simulation, the marts against plain Python, and
the gate that keeps an experiment from its first unit."""

import datetime
import math
import re

import numpy as np
import pytest
from scipy import stats
from sql_macros import MacroLibrary, evaluate
from warehouse import Warehouse, seed

from tools import dbt_in_process
from tools.project import ROOT

MACROS = MacroLibrary("macros/statistics/*.sql")
QUANTILES = MACROS.power_quantiles("alpha", "power")


def least_effect(deviation, control, treatment, alpha=0.05, power=0.8, correlation=0.0, slope=None):
    row = dict(deviation=[deviation], control=[control], treatment=[treatment], alpha=[alpha], power=[power],
               correlation=[correlation], slope=[slope])  # fmt: skip
    arguments = QUANTILES, "deviation", "control", "treatment", "correlation"
    with_slope = evaluate(MACROS.minimum_detectable_effect(*arguments, "slope"), row)[0]
    if slope is None:
        plain = evaluate(MACROS.minimum_detectable_effect(*arguments), row)[0]
        assert plain == (with_slope and pytest.approx(with_slope, rel=1e-12))
    return with_slope


def needed(deviation, effect, control, treatment, alpha=0.05, power=0.8, correlation=0.0, slope=None):
    row = dict(deviation=[deviation], effect=[effect], control=[control], treatment=[treatment], alpha=[alpha],
               power=[power], correlation=[correlation], slope=[slope])  # fmt: skip
    arguments = QUANTILES, "deviation", "effect", "control", "treatment", "correlation"
    with_slope = evaluate(MACROS.units_needed(*arguments, "slope"), row)[0]
    if slope is None:
        assert evaluate(MACROS.units_needed(*arguments), row)[0] == with_slope
    return with_slope


def of_rate(base):
    """What the two above are told of a rate."""
    return {"deviation": math.sqrt(base * (1 - base)), "slope": 1 - 2 * base}


# ---- Known answers --------------------------------------------------------------------------------------------------

# statsmodels 0.15.0: NormalIndPower().solve_power(nobs1=, ratio=, alpha=, power=), two-sided. It counts what is found with
# the wrong sign too, and solves to four digits.
STATSMODELS_EFFECTS = [
    (1000, 1, 0.05, 0.8, 0.1252903452971738),
    (1000, 0.5, 0.05, 0.8, 0.1534489439529215),
    (250, 2, 0.1, 0.9, 0.22667729356154825),
    (50, 1, 0.01, 0.95, 0.8441343749219474),
    (3518, 1, 0.05, 0.8, 0.0667976174442435),
]
# zt_ind_solve_power(effect_size=, ratio=, alpha=, power=), the units of the first sample.
STATSMODELS_UNITS = [
    (0.1, 1, 0.05, 0.8, 1569.7721019023288),
    (0.05, 0.5, 0.05, 0.9, 12608.903291628907),
    (0.3, 3, 0.01, 0.8, 173.0217503486686),
]


@pytest.mark.parametrize("first, ratio, alpha, power, expected", STATSMODELS_EFFECTS)
def test_the_least_effect_is_that_of_statsmodels(first, ratio, alpha, power, expected):
    assert least_effect(1, first, first * ratio, alpha, power) == pytest.approx(expected, rel=5e-5)
    # In the unit of the metric, and smaller where a covariate explains a part.
    assert least_effect(12.5, first, first * ratio, alpha, power) == pytest.approx(12.5 * expected, rel=5e-5)
    assert least_effect(1, first, first * ratio, alpha, power, -0.6) == pytest.approx(0.8 * expected, rel=5e-5)


@pytest.mark.parametrize("effect, ratio, alpha, power, expected", STATSMODELS_UNITS)
def test_the_units_needed_are_those_of_statsmodels(effect, ratio, alpha, power, expected):
    shares = 1 / (1 + ratio), ratio / (1 + ratio)
    units = needed(1, effect, *shares, alpha, power)
    assert units == pytest.approx(expected * (1 + ratio), rel=1e-5, abs=1)
    assert needed(1, -effect, *shares, alpha, power) == units


def test_what_the_readme_claims():
    """At a base of 3 % two halves of 2,000 people find a lift of 84 %, of 200 one of 359 %: where it solves
    d = 2.801585 sqrt((p (1 - p) + (p + d)(1 - p - d)) / n), by bisection."""
    base = 0.03
    assert least_effect(control=1000, treatment=1000, **of_rate(base)) / base == pytest.approx(0.8420734370845, rel=1e-6)
    assert least_effect(control=100, treatment=100, **of_rate(base)) / base == pytest.approx(3.590923063408, rel=1e-6)


def test_the_units_that_a_rate_needs():
    """From 10 to 15 %: (z_{1-alpha/2} + z_power)^2 (0.1 * 0.9 + 0.15 * 0.85) / 0.05^2 = 682.8 people an arm; back to 10 %
    it takes the same."""
    assert needed(effect=0.05, control=0.5, treatment=0.5, **of_rate(0.1)) == 1366
    down = {"deviation": math.sqrt(0.15 * 0.85), "slope": 2 * 0.15 - 1}
    assert needed(effect=-0.05, control=0.5, treatment=0.5, **down) == 1366
    assert least_effect(control=683, treatment=683, **of_rate(0.1)) == pytest.approx(0.05, rel=1e-3)


def test_the_example_of_the_documentation():
    """2.801585^2 * (0.0291 / 0.5 + (0.0291 + 0.94 * 0.006 - 0.006^2) / 0.5) / 0.006^2 people, with texts as they stand there."""
    people = MACROS.units_needed(MACROS.power_quantiles("0.05", "0.8"), "sqrt(0.03 * 0.97)", "0.2 * 0.03", "0.5", "0.5",
                                 variance_slope="1 - 2 * 0.03")  # fmt: skip
    assert evaluate(people, {"row": [1]})[0] == 27_822


def test_several_arms_are_as_good_as_their_smallest():
    """2,931 units at 40 and 30 % show 0.05 of a deviation of 0.4: (2.801585 * 8)^2 * (1 / 0.4 + 1 / 0.3)."""
    units = needed(0.4, 0.05, 0.4, 0.3)
    assert units == 2931
    assert least_effect(0.4, 0.4 * units, 0.3 * units) <= 0.05 < least_effect(0.4, 0.4 * (units - 1), 0.3 * (units - 1))


@pytest.mark.parametrize("deviation, control, treatment", [(0, 10, 10), (None, 10, 10), (1, 0.5, 10), (1, 10, None)])
def test_no_effect_where_nothing_can_be_said(deviation, control, treatment):
    assert least_effect(deviation, control, treatment) is None


@pytest.mark.parametrize("deviation, effect, control", [(0, 1, 0.5), (1, 0, 0.5), (1, None, 0.5), (1, 1, 0), (None, 1, 0.5)])
def test_no_number_of_units_where_nothing_can_be_said(deviation, effect, control):
    assert needed(deviation, effect, control, 0.5) is None


def test_a_covariate_that_is_not_known_explains_nothing():
    assert least_effect(1, 100, 100, correlation=None) == least_effect(1, 100, 100)


def test_an_effect_that_no_number_of_units_shows_is_told_as_a_large_number():
    assert needed(1, 1e-12, 0.5, 0.5) == 9_000_000_000_000_000


# ---- Simulation -----------------------------------------------------------------------------------------------------

REPLAYS = 4000


def found(control, treatment, alpha=0.05):
    """The share of replays (rows) in which Welch's test finds a difference."""
    p_values = stats.ttest_ind(treatment, control, axis=1, equal_var=False).pvalue
    return (p_values < alpha).mean()


def test_a_planted_effect_is_found_as_often_as_was_said():
    """Skewed outcomes, arms of 600 and 300 units: within four standard errors of the stated power."""
    random = np.random.default_rng(3)
    for power in (0.5, 0.8, 0.95):
        effect = least_effect(2 * math.sqrt(3), 600, 300, power=power)
        control = random.gamma(3, 2, (REPLAYS, 600))
        treatment = random.gamma(3, 2, (REPLAYS, 300)) + effect
        margin = 4 * math.sqrt(power * (1 - power) / REPLAYS)
        assert found(control, treatment) == pytest.approx(power, abs=margin)
    # And nothing is found more often than alpha says.
    assert found(control, random.gamma(3, 2, (REPLAYS, 300))) == pytest.approx(0.05, abs=4 * math.sqrt(0.05 * 0.95 / REPLAYS))


def test_with_the_covariate_a_smaller_effect_is_found_as_often():
    random = np.random.default_rng(5)
    correlation, n = 0.7, 400
    effect = least_effect(1, n, n, correlation=correlation)
    assert effect < 0.72 * least_effect(1, n, n)
    samples = []
    for planted in (0, effect):
        covariate = random.normal(size=(REPLAYS, n))
        noise = random.normal(size=(REPLAYS, n))
        samples.append((covariate, correlation * covariate + math.sqrt(1 - correlation**2) * noise + planted))
    (x_c, y_c), (x_t, y_t) = samples
    x, y = np.hstack([x_c, x_t]), np.hstack([y_c - y_c.mean(1, keepdims=True), y_t - y_t.mean(1, keepdims=True)])
    slope = (y * x).sum(1, keepdims=True) / ((x - x.mean(1, keepdims=True)) ** 2).sum(1, keepdims=True)
    assert found(y_c - slope * x_c, y_t - slope * x_t) == pytest.approx(0.8, abs=4 * math.sqrt(0.16 / REPLAYS))


@pytest.mark.parametrize("base, n", [(0.1, 10_000), (0.03, 1_000), (0.3, 400)])
def test_a_planted_lift_of_a_rate(base, n):
    """Also a large lift of a rare event is found as often as was said."""
    random = np.random.default_rng(7)
    effect = least_effect(control=n, treatment=n, **of_rate(base))
    conversions = random.binomial(n, [base, base + effect], (20_000, 2)) / n
    variance = conversions * (1 - conversions) / (n - 1)
    power = (np.diff(conversions)[:, 0] / np.sqrt(variance.sum(1)) > stats.norm.ppf(0.975)).mean()
    assert power == pytest.approx(0.8, abs=0.015)


# ---- The marts ------------------------------------------------------------------------------------------------------

PAST, AS_OF, NEXT = (datetime.datetime(2026, 3, 4), datetime.datetime(2026, 4, 1), datetime.datetime(2026, 4, 2))
WINDOW = datetime.timedelta(days=28)
PEOPLE, LOOKBACK = 900, 30
SEGMENT, WEEKLY = f"pricing_page_visitors@{LOOKBACK}d", "pricing_page_visitors@7d"
METRICS = {"purchase_rate": ("any", "", ""), "order_count": ("count", "", ""), "revenue": ("sum", "order_amount", ""),
           "orders_a_member": ("count", "", "members"), "order_value": ("sum", "order_amount", "order_count")}  # fmt: skip
# experiment: (segment, unit_type, source, starts, ends, planned lift, arms)
EXPERIMENTS = {
    "begins": (SEGMENT, "customer", "hashed", "2026-04-01", "2026-04-15", 0.1, {"control": 0.5, "a": 0.3, "b": 0.2}),
    "planned": (SEGMENT, "account", "hashed", "2026-05-01", "2026-05-15", 9, {"control": 0.5, "a": 0.5}),
    # Fewer than a hundred had been in it.
    "weekly": (WEEKLY, "account", "hashed", "2026-05-01", "2026-05-15", 9, {"control": 0.5, "a": 0.5}),
    "all": ("", "customer", "hashed", "2026-05-01", "2026-05-15", 9, {"control": 0.5, "a": 0.5}),
    "outside": ("", "customer", "external", "2026-05-01", "2026-05-15", 9, {"control": 0.5, "a": 0.5}),
    "over": (SEGMENT, "customer", "hashed", "2026-01-01", "2026-01-15", 0.1, {"control": 0.5, "a": 0.5}),
}
POWER = "select * from main.experiment_power order by experiment_key, metric_key"
CHECKS = "select * from main.experiment_launch_checks order by experiment_key, check_name"


def seeds():
    return seed(
        experiments=[
            dict(experiment_key=key, hypothesis="x", segment_id=segment, unit_type=unit_type, assignment_source=source,
                 layer_key="" if source == "external" else key, layer_from="" if source == "external" else 0,
                 layer_to="" if source == "external" else 1, starts_at=start, ends_at=end, outcome_window_days=28,
                 covariate_window_days=28, primary_metric_key="purchase_rate", planned_relative_lift=lift, alpha=0.05,
                 power=0.8)
            for key, (segment, unit_type, source, start, end, lift, _) in EXPERIMENTS.items()
        ],
        experiment_arms=[
            dict(experiment_key=key, arm_key=arm, is_control=str(arm == "control").lower(), weight=weight)
            for key, settings in EXPERIMENTS.items() for arm, weight in settings[-1].items()
        ],
        experiment_metrics=[dict(experiment_key=key, metric_key=metric) for key in EXPERIMENTS for metric in METRICS],
        metrics=[
            dict(metric_key=key, description=key, source="orders", aggregation=aggregation, value_column=column,
                 denominator_metric_key=divisor, desired_direction="increase")
            for key, (aggregation, column, divisor) in METRICS.items()
        ],
        layers=[
            dict(layer_key=key, unit_type=settings[1], overlap="ranges", description=key)
            for key, settings in EXPERIMENTS.items() if settings[2] == "hashed"
        ],
        experiment_stages=[], holdouts=[],
    )  # fmt: skip


class World:
    """People who see the pricing page once, and order now and then; three share an account."""

    def __init__(self, random=np.random.default_rng(11)):
        first = datetime.datetime(2026, 1, 5)
        hours = random.integers(0, 24 * 86, PEOPLE)
        self.visits = {f"u{i}": first + datetime.timedelta(hours=int(hour)) for i, hour in enumerate(hours)}
        self.keen = dict(zip(self.visits, random.gamma(1, 1, PEOPLE)))
        self.orders = [
            (user, first + datetime.timedelta(minutes=int(random.integers(0, 60 * 24 * 86))), round(float(random.gamma(2, 20)), 2))
            for user, keen in self.keen.items() for _ in range(random.poisson(keen))
        ]

    def write(self, warehouse):
        warehouse.write("web/events", [
            {"event_id": f"e{user}", "event_name": "page_viewed", "occurred_at": at, "user_id": user, "anonymous_id": None,
             "page_url": "/pricing"}
            for user, at in self.visits.items()
        ])  # fmt: skip
        warehouse.write("crm/contacts", [
            {"contact_id": f"c{user}", "user_id": user, "account_id": f"acc{int(user[1:]) // 3}",
             "created_at": at}
            for user, at in self.visits.items()
        ])  # fmt: skip
        warehouse.write("shop/orders", [
            {"order_id": f"o{number}", "user_id": user, "ordered_at": at, "order_amount": amount}
            for number, (user, at, amount) in enumerate(self.orders)
        ])  # fmt: skip

    def members(self, at, days=LOOKBACK):
        return [user for user, visit in self.visits.items() if at - datetime.timedelta(days=days) <= visit < at]

    def values(self, metric, units, at):
        """The figures of units, lists of users, in the window from `at` on, and what stands below the line."""
        aggregation, _, divisor = METRICS[metric]
        by_user = {}
        for user, ordered_at, amount in self.orders:
            if at <= ordered_at < at + WINDOW:
                by_user.setdefault(user, []).append(amount)
        amounts = [[amount for user in users for amount in by_user.get(user, [])] for users in units]
        counts = np.array([len(found) for found in amounts], dtype=float)
        values = {"any": counts > 0, "count": counts, "sum": np.array([sum(found) for found in amounts])}[aggregation]
        below = {"": np.ones(len(units)), "members": np.array([len(users) for users in units]), "order_count": counts}
        return np.array(values, dtype=float), np.array(below[divisor], dtype=float)

    def baseline(self, metric, units, at):
        """Mean, deviation and correlation in plain numpy."""
        linear = []
        for start in (at, at - WINDOW):
            y, d = self.values(metric, units, start)
            linear.append((y - y.sum() / d.sum() * d) / d.mean())
        y, d = self.values(metric, units, at)
        return y.sum() / d.sum(), linear[0].std(ddof=1), np.corrcoef(*linear)[0, 1]


@pytest.fixture(scope="module")
def world():
    return World()


@pytest.fixture(scope="module")
def strict(parsed_with_tests):
    """The manifest with the gate closed. A severity is read when dbt parses."""
    return dbt_in_process.parse(parsed_with_tests[0], data_tests=True, launch_gate="error")


def rows(warehouse, query):
    names = [row[0] for row in warehouse.query(f"describe {query}")]
    return [dict(zip(names, row)) for row in warehouse.query(query)]


@pytest.fixture(scope="module")
def told(tmp_path_factory, parsed_with_tests, strict, world):
    """What the marts said on each day, and what became of the builds, of one warehouse."""
    environment, manifest = parsed_with_tests
    folder = tmp_path_factory.mktemp("power")
    warehouse = Warehouse(folder, manifest, environment, seeds())
    closed = Warehouse(folder, strict, environment, seeds())
    world.write(warehouse)
    told = {"warehouse": warehouse}

    def build(of, day, *selection):
        """Without the tests of single columns, which others ask."""
        result = of.dbt("build", "--exclude-resource-type", "unit_test", "--exclude", "test_type:generic", "--select", *selection,
                        "--vars", f"{{as_of: '{day.date()}', launch_gate: {'error' if of is closed else 'warn'}}}")  # fmt: skip
        return {node.node.name: str(node.status) for node in result.result}

    def note(name):
        told[name] = {(row["experiment_key"], row["metric_key"]): row for row in rows(warehouse, POWER)}
        told[name, "checks"] = {(row["experiment_key"], row["check_name"]): row for row in rows(warehouse, CHECKS)}

    above = ("resource_type:seed", "+int_experiment_candidates", "+segment_membership_history", "+segment_stability", "+int_metric_facts")
    room = ("path:models/marts/experiments", "path:tests/experiments/assert_launches_can_show_what_is_planned.sql",
            "path:tests/experiments/assert_launch_checks_pass.sql")  # fmt: skip
    build(warehouse, PAST, "+segment_membership_history", "+segment_stability")
    build(warehouse, AS_OF, *above)
    told["refused"] = build(closed, AS_OF, *room)
    note("first")
    told["warned"] = build(warehouse, AS_OF, *room)
    told["units"] = warehouse.query("select count(*) from main.experiment_assignments")[0][0]
    build(warehouse, AS_OF, *room)
    note("again")
    build(warehouse, NEXT, *above)
    told["running"] = build(closed, NEXT, *room)
    note("next")
    build(warehouse, AS_OF, *above, "+segment_sizes", "+segment_overlaps", "+stg_enrichment__attributes")
    build(warehouse, AS_OF, *room)
    note("past")
    return told


def agree(row, expected):
    for name, value in zip(("baseline_mean", "standard_deviation", "covariate_correlation"), expected):
        assert row[name] == pytest.approx(value, rel=1e-9), name


@pytest.mark.parametrize("metric", METRICS)
def test_members_of_today_and_what_they_did(told, world, metric):
    """An account is worth what all its people do, also those who are not in the segment."""
    accounts = sorted({int(user[1:]) // 3 for user in world.members(AS_OF, 7)})
    row = told["first"]["weekly", metric]
    agree(row, world.baseline(metric, [[f"u{3 * a + k}" for k in range(3)] for a in accounts], AS_OF - WINDOW))
    assert (row["baseline_basis"], row["unit_type"], row["current_units"]) == ("members", "account", len(accounts))
    row = told["first"]["all", metric]
    agree(row, world.baseline(metric, [[user] for user in world.visits], AS_OF - WINDOW))
    assert row["baseline_basis"] == "everyone"


@pytest.mark.parametrize("metric", METRICS)
def test_where_the_history_knows_them_those_who_were_in_are_asked(told, world, metric):
    former = world.members(PAST)
    row = told["first"]["begins", metric]
    agree(row, world.baseline(metric, [[user] for user in former], PAST))
    assert (row["baseline_basis"], row["baseline_units"]) == ("history", len(former))
    assert row["current_units"] == len(world.members(AS_OF))


def test_figures_follow_from_the_baseline(told):
    row = told["first"]["begins", "revenue"]
    n, deviation = row["current_units"], row["standard_deviation"]
    assert (row["arm_key"], row["control_share"], row["treatment_share"]) == ("b", 0.5, 0.2)
    assert row["mde_absolute"] == pytest.approx(least_effect(deviation, 0.5 * n, 0.2 * n), rel=1e-9)
    assert row["mde_relative_cuped"] == pytest.approx(
        least_effect(deviation, 0.5 * n, 0.2 * n, correlation=row["covariate_correlation"]) / row["baseline_mean"], rel=1e-9)
    assert row["units_needed"] == needed(deviation, 0.1 * row["baseline_mean"], 0.5, 0.2)
    assert (row["inflow_per_day"], row["days_needed"], row["days_reason"]) == (None, None, "too_few_days")


def test_who_is_told_of_and_what_becomes_of_them(told):
    assert {key for key, _ in told["first"]} == set(EXPERIMENTS) - {"over"}
    assert {key for key, row in told["first"].items() if row["is_underpowered"]} == {("begins", metric) for metric in METRICS}
    everyone = told["first"]["all", "purchase_rate"]
    # 86 days of first visits, 56 of which count.
    assert everyone["inflow_basis"] == "first_seen" and everyone["planned_units"] > everyone["current_units"] == PEOPLE
    outside = told["first"]["outside", "purchase_rate"]
    assert (outside["inflow_basis"], outside["planned_units"]) == ("assigned_elsewhere", PEOPLE)


def test_the_gate_stops_an_experiment_before_its_first_unit(told):
    assert told["refused"]["assert_launches_can_show_what_is_planned"] == "fail"
    assert told["refused"]["experiment_assignments"] == "skipped"
    assert told["warned"]["assert_launches_can_show_what_is_planned"] == "warn"
    assert told["warned"]["experiment_assignments"] == "success"
    assert told["units"] == told["first"]["begins", "revenue"]["current_units"]


def test_who_has_units_is_not_stopped(told):
    assert told["running"]["assert_launches_can_show_what_is_planned"] == "pass"
    assert told["running"]["experiment_assignments"] == "success"
    row = told["next"]["begins", "purchase_rate"]
    assert (row["is_launch"], row["current_units"], row["is_underpowered"]) == (False, told["units"], True)
    assert ("begins", "sample_size") not in told["next", "checks"]


def test_a_day_gives_what_it_gave(told):
    """However often it is built, before units are assigned and after, and as a past day."""
    for day in ("again", "past"):
        assert told[day] == told["first"]
        assert told[day, "checks"] == told["first", "checks"]


def test_the_checks_say_what_the_arms_are_like(told, world):
    checks = told["first", "checks"]
    ledger = told["warehouse"].query(
        "select m.identifier_value, a.arm_key from main.experiment_assignments as a inner join"
        " main_intermediate.int_identity_map as m on a.unit_id = m.customer_id and m.identifier_type = 'user_id'"
        " where experiment_key = 'begins' and a.assigned_at = timestamp '2026-04-01'"
    )
    arms = {arm: [[user] for user, given in ledger if given == arm] for arm in ("control", "a", "b")}
    sizes = [len(arms[arm]) for arm in ("control", "a", "b")]
    shares = checks["begins", "arm_shares"]
    expected = stats.chisquare(sizes, np.array([0.5, 0.3, 0.2]) * sum(sizes))
    assert (shares["statistic"], shares["p_value"]) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-9)
    assert shares["detail"] == "units by arm, if it began today: control {}, a {}, b {}".format(*sizes)

    differences, p_values = [], []
    for metric in METRICS:
        values = [self for arm in arms for self in zip(*world.values(metric, arms[arm], AS_OF - WINDOW))]
        y, d = np.array(values).T
        linear = (y - y.sum() / d.sum() * d) / d.mean()
        split = np.split(linear, np.cumsum(sizes)[:-1])
        for treatment in split[1:]:
            pooled = math.sqrt((treatment.var(ddof=1) + split[0].var(ddof=1)) / 2)
            differences.append((treatment.mean() - split[0].mean()) / pooled)
            p_values.append(stats.ttest_ind(treatment, split[0], equal_var=False).pvalue)
    balance = checks["begins", "covariate_balance"]
    assert balance["statistic"] == pytest.approx(max(differences, key=abs), rel=1e-9)
    assert balance["p_value"] == pytest.approx(min(1, min(p_values) * len(p_values)), rel=1e-7)
    assert checks["begins", "sample_size"]["status"] == "fail"
    assert {name for key, name in checks if key == "outside"} == {"sample_size"}


# ---- The queries ----------------------------------------------------------------------------------------------------

ANALYSES = sorted(path.stem for path in (ROOT / "analyses").glob("*.sql"))


def shown(told, name, **variables):
    result = told["warehouse"].dbt("show", "--select", name, "--limit", "100000",
                                   "--vars", str({"as_of": str(AS_OF.date())} | variables))  # fmt: skip
    assert result.success, result.exception
    table = result.result.results[0].agate_table
    return [dict(zip(table.column_names, row)) for row in table.rows]


@pytest.mark.parametrize("name", ANALYSES)
def test_every_analysis_runs(told, name):
    if name != "attribute_match_rates":  # nothing was bought here
        assert shown(told, name) or name == "segments_that_say_the_same"


def test_every_analysis_says_how_it_is_run():
    for name in ANALYSES:
        text = (ROOT / "analyses" / f"{name}.sql").read_text(encoding="utf-8")
        assert f"-- Run it with: dbt show -s {name}" in text, name


def test_a_better_salt_is_found(told):
    found = shown(told, "draw_salt", experiment_key="planned")
    assert {row["experiment_key"] for row in found} == {"planned"} and len(found) == 100
    assert [int(row["salt_rank"]) for row in found] == list(range(1, 101))
    assert [row["salt"] for row in found if row["is_present_salt"]] == ["planned"]
    # As tests/seeds/assert_experiments_can_be_assigned.sql asks of a salt.
    assert all(re.fullmatch("[A-Za-z0-9_.]{1,100}", row["salt"]) for row in found)
    largest = [float(row["largest_difference"]) for row in found]
    assert largest == sorted(largest) and largest[0] < 0.5 * np.median(largest)


def test_the_split_is_that_of_the_candidates(told):
    found = shown(told, "what_would_the_split_look_like", experiment_key="planned")
    assert {row["arm_key"] for row in found} == {"control", "a"}
    assert sum(int(row["unit_count"]) for row in found) == told["past"]["planned", "revenue"]["current_units"]
    assert sum(float(row["share"]) for row in found) == pytest.approx(1)


def test_which_experiments_can_run_together(told):
    found = {(row["experiment_key"], row["other_experiment_key"]): row for row in shown(told, "which_experiments_can_run_together")}
    pair = found["all", "planned"]
    assert pair["verdict"].startswith("yes, if neither treatment changes") and int(pair["shared_count"]) > 0
    assert found["begins", "planned"]["verdict"].startswith("yes: one after the other")
