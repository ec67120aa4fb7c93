"""Every estimator of experiment_results against numpy and scipy on the same units, to nine digits, and against
tea-tasting, scipy's and statsmodels' own.

The unit outcomes are drawn at random and written into the built table, so that any distribution, stratum, exposure and
fault can be asked for; all models from there on run as they are. The oracle works on the values of units, never on sums.
"""

import collections
import datetime
import math

import duckdb
import numpy as np
import pytest
from conftest import oracle
from scipy import stats
from warehouse import seed

ALPHA, PLANNED_UNITS, QUANTILE = 0.05, 5000, 0.9
METRICS = {
    "yes_no": dict(source="orders", aggregation="any"),
    "count": dict(source="orders", aggregation="count"),
    "money": dict(source="orders", aggregation="sum", value_column="order_amount"),
    "capped": dict(source="orders", aggregation="sum", value_column="order_amount", winsor_quantile=QUANTILE),
    "per_member": dict(source="orders", aggregation="sum", value_column="order_amount", denominator_metric_key="members"),
    "per_order": dict(source="orders", aggregation="sum", value_column="order_amount", denominator_metric_key="count"),
}
# experiment: (units in control, in a, in b, strata)
SIZES = {"large": (900, 700, 300, ["x", "y", None]), "small": (17, 12, 9, None), "offset": (300, 300, 300, None)}
# One metric each. What is wrong, and the reason that must stand beside the nulls.
FAULTS = {
    "no_control": ("control has no unit to analyse", {"a": [1, 2, 3]}),
    "no_treatment": ("the arm has no unit to analyse", {"control": [1, 2, 3]}),
    "nobody_mature": ("control has no unit to analyse", {}),
    "one_unit": ("an arm has fewer than two units", {"control": [1, 2], "a": [5]}),
    "all_equal": ("neither arm varies", {"control": [2, 2], "a": [2, 2, 2]}),
    "zero_denominators": ("the denominator is zero", {"control": [1, 2, 3], "a": [1, 2, 4]}),
}
HALF = "half_time"
# Unit i of an arm has its outcome on day i modulo these.
DAYS = 7
# Input that a mart must bear, ended experiments of two segments and two strata: (outcome, covariate) of the units of each
# arm, their windows complete or not, and the reason that stands by intention to treat where there is no figure.
BAD_INPUT = {
    "control_is_empty": ({"a": [(1, 0), (2, 1), (3, 0), (4, 1)] * 3}, True, "control has no unit to analyse"),
    "arm_is_empty": ({"control": [(1, 0), (2, 1), (3, 0), (4, 1)] * 3}, True, "the arm has no unit to analyse"),
    "nobody_is_mature": ({arm: [(1, 0), (2, 1), (3, 0), (4, 1)] * 3 for arm in ("control", "a")}, False,
                         "control has no unit to analyse"),
    "nobody_at_all": ({}, True, "control has no unit to analyse"),
    "nothing_happens": ({arm: [(0, 0)] * 12 for arm in ("control", "a")}, True, "neither arm varies"),
    "control_is_zero": ({"control": [(0, 1), (0, 2)] * 6, "a": [(1, 0), (0, 1), (5, 2)] * 4}, True, None),
    "covariate_is_flat": ({"control": [(1, 5), (2, 5), (4, 5)] * 4, "a": [(3, 5), (4, 5), (1, 5)] * 4}, True, None),
    "covariate_is_all": ({"control": [(i, i) for i in range(12)], "a": [(i, i) for i in range(12)]}, True, None),
    "amounts_are_negative": ({"control": [(-5, 1), (2, 2), (-9, 1)] * 4, "a": [(-3, 1), (1, 2), (-1, 4)] * 4}, True, None),
    "means_are_near_zero": ({"control": [(-1e6, 1), (1e6 + 1e-6, 2)] * 6, "a": [(-2e6, 1), (2e6 + 1e-6, 3)] * 6}, True, None),
    "amounts_are_vast": ({"control": [(1e12, 1), (3e12, 1e12)] * 6, "a": [(2e12, 1), (5e12, 2e12)] * 6}, True, None),
}  # fmt: skip
COLUMNS = ("experiment_key", "metric_key", "arm_key", "unit_id", "stratum", "outcome_value", "denominator_value",
           "covariate_value", "covariate_denominator_value", "is_exposed", "is_mature", "segment_id")  # fmt: skip


def drawn(metric, arm, size, generator, offset):
    """y, d, x, z of units; they depend on each other and on the arm."""
    quality = generator.gamma(2.0, 1.0, size)
    before, after = generator.poisson(quality), generator.poisson(quality * (1.2 if arm != "control" else 1.0))
    members = generator.integers(1, 6, size).astype(float)
    spent = [np.where(n > 0, np.round(generator.lognormal(3 + 0.1 * quality, 0.8), 2) * n, 0.0) for n in (after, before)]
    if metric == "yes_no":
        return (after > 1).astype(float), None, (before > 1).astype(float), None
    if metric == "count":
        return after.astype(float), None, before.astype(float), None
    if metric in ("money", "capped"):
        return spent[0] + offset, None, spent[1] + offset, None
    if metric == "per_member":
        return spent[0] * members, members, spent[1] * members, members
    return spent[0], after.astype(float), spent[1], before.astype(float)


def drawn_units():
    generator = np.random.default_rng(20261122)
    rows = []
    for experiment, (*sizes, strata) in SIZES.items():
        for arm, size in zip(("control", "a", "b"), sizes):
            stratum = generator.choice(len(strata), size, p=[0.5, 0.3, 0.2]) if strata else None
            exposed = generator.random(size) < (0.0 if arm == "control" else 0.7)
            for metric in METRICS:
                y, d, x, z = drawn(metric, arm, size, generator, 1e6 if experiment == "offset" else 0)
                if strata and metric == "money":
                    y = y + 200.0 * stratum
                rows += [
                    (experiment, metric, arm, f"{arm}{i}", strata[stratum[i]] if strata else None, y[i],
                     None if d is None else d[i], x[i], None if z is None else z[i], bool(exposed[i]), True)
                    for i in range(size)
                ]  # fmt: skip
    for fault, (_, arms) in FAULTS.items():
        bottom = 0.0 if fault == "zero_denominators" else 1.0
        rows += [(fault, "per_order", arm, f"{arm}{i}", None, float(value), bottom, float(value), bottom, False, True)
                 for arm, values in arms.items() for i, value in enumerate(values)]  # fmt: skip
    rows += [("nobody_mature", "per_order", arm, f"{arm}{i}", None, float(i), 1.0, 0.0, 1.0, False, False)
             for arm in ("control", "a") for i in range(4)]  # fmt: skip
    # Half of the windows are complete, and the late half is different.
    rows += [(HALF, "count", arm, f"{arm}{i}", None, float(i % 5 + (i > 20) * 3 + (arm == "a")), None, 0.0, None, False, i <= 20)
             for arm in ("control", "a") for i in range(40)]  # fmt: skip
    rows = [(*row, None) for row in rows]
    for key, (arms, is_mature, _) in BAD_INPUT.items():
        rows += [(key, metric, arm, f"{arm}{i}", "xy"[i % 2], float(y), 1.0 if metric == "per_order" else None, float(x),
                  1.0 if metric == "per_order" else None, arm == "a", is_mature, ["north", "south"][i // 2 % 2])
                 for metric in ("money", "per_order") for arm, units in arms.items() for i, (y, x) in enumerate(units)]  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def measured(new_warehouse):
    arms = {key: ("control", "a", "b") for key in SIZES} | {key: ("control", "a") for key in [*FAULTS, HALF, *BAD_INPUT]}
    metrics = {key: list(METRICS) for key in SIZES} | {key: ["per_order"] for key in FAULTS} | {HALF: ["count"]}
    # Of yes_no no unit has a row.
    metrics |= {key: ["money", "per_order", "yes_no"] for key in BAD_INPUT}
    plan = dict(hypothesis="x", unit_type="customer", assignment_source="external", starts_at="2026-01-01",
                outcome_window_days=14, covariate_window_days=14, planned_relative_lift=0.1, alpha=ALPHA,
                power=0.8)  # fmt: skip
    warehouse = new_warehouse("estimators", seeds=seed(
        experiments=[plan | dict(experiment_key=key, primary_metric_key=metrics[key][0],
                                 stratify_by="country_code" if SIZES.get(key, [None])[-1] or key in BAD_INPUT else None,
                                 ends_at="2026-04-01" if key in BAD_INPUT else "2026-06-01") for key in arms],
        experiment_arms=[
            dict(experiment_key=key, arm_key=arm, is_control=str(arm == "control").lower(), weight=1 / len(names))
            for key, names in arms.items() for arm in names
        ],
        experiment_metrics=[dict(experiment_key=key, metric_key=metric) for key in arms for metric in metrics[key]],
        metrics=[dict(metric_key=key, description=key, desired_direction="increase") | how for key, how in METRICS.items()],
        holdouts=[],
    ))  # fmt: skip
    warehouse.write("ads/campaigns", [dict(campaign_id=f"c-{key}", platform="x", experiment_key=key)
                                      for key in [*SIZES, *BAD_INPUT]])
    warehouse.build("+experiment_results", "+experiment_readouts", "+segment_lifts", "+experiment_slices",
                    "+experiment_cumulative_lifts", as_of="2026-05-01")
    with duckdb.connect(str(warehouse.database)) as connection:
        columns = ", ".join(COLUMNS)
        connection.execute("create temp table units as from main.experiment_unit_outcomes limit 0")
        connection.executemany(
            f"insert into units ({columns}) values ({', '.join('?' * len(COLUMNS))})", drawn_units()
        )
        connection.execute(f"""
            insert into main.experiment_unit_outcomes
                (unit_type, is_control, assigned_at, is_merged_across_arms, outcome_ends_at, {columns})
            select
                'customer', arm_key = 'control', timestamp '2026-02-01', false,
                timestamp '2026-03-01' + to_days(cast(regexp_extract(unit_id, '[0-9]+$') as integer) % {DAYS}), {columns}
            from units
        """)
    result = warehouse.dbt("run", "--select", "experiment_unit_outcomes+", "--exclude", "experiment_unit_outcomes",
                           "path:models/marts/performance", "--vars", "{as_of: 2026-05-01}")  # fmt: skip
    assert result.success, warehouse.problems(result)
    return warehouse


class Arm:
    """The values of one arm, as arrays; outcomes and covariates capped where the metric has a cap."""

    def __init__(self, rows):
        self.strata = np.array([row[4] or "unknown" for row in rows])
        self.y, self.d, self.x, self.z = (np.array([row[i] for row in rows], dtype=float) for i in (5, 6, 7, 8))
        self.exposed = np.array([row[9] for row in rows], dtype=float)


@pytest.fixture(scope="module")
def arms():
    grouped = collections.defaultdict(list)
    for row in drawn_units():
        if row[0] in SIZES:
            grouped[row[:3]].append(row)
    found = {key: Arm(rows) for key, rows in grouped.items()}
    for experiment in SIZES:
        three = [found[experiment, "capped", arm] for arm in ("control", "a", "b")]
        for name in ("y", "x"):
            values = np.concatenate([getattr(arm, name) for arm in three])
            cap = np.quantile(values[values != 0], QUANTILE, method="inverted_cdf")
            assert (values > cap).any()
            for arm in three:
                setattr(arm, name, np.minimum(getattr(arm, name), cap))
    return found


@pytest.fixture(scope="module")
def results(measured):
    columns = [row[0] for row in measured.query("select column_name from (describe main.experiment_results)")]
    rows = [dict(zip(columns, row)) for row in measured.query("from main.experiment_results")]
    return {(r["experiment_key"], r["metric_key"], r["arm_key"], r["method"], r["slice"]): r for r in rows}


# ---- The oracles: on the values of units ---------------------------------------------------------------------------


def welch(t, c, mean_t=None, mean_c=None):
    """Two samples of unit values, whose means may be known better than by averaging."""
    mean_t, mean_c = (np.mean(t) if mean_t is None else mean_t), (np.mean(c) if mean_c is None else mean_c)
    return from_errors(mean_t, np.var(t, ddof=1) / len(t), len(t) - 1, mean_c, np.var(c, ddof=1) / len(c), len(c) - 1)


def from_errors(mean_t, v_t, df_t, mean_c, v_c, df_c):
    def interval(a, b):
        df = (a + b) ** 2 / (a**2 / df_t + b**2 / df_c)
        return math.sqrt(a + b), df, stats.t.ppf(1 - ALPHA / 2, df) * math.sqrt(a + b)

    error, df, reach = interval(v_t, v_c)
    lift = mean_t - mean_c
    row = dict(control_mean=mean_c, treatment_mean=mean_t, absolute_lift=lift, standard_error=error,
               degrees_of_freedom=df, ci_low=lift - reach, ci_high=lift + reach,
               p_value=2 * stats.t.sf(abs(lift) / error, df))  # fmt: skip
    _, _, log_reach = interval(v_t / mean_t**2, v_c / mean_c**2)
    ratio = mean_t / mean_c
    return row | dict(relative_lift=ratio - 1, relative_ci_low=ratio * math.exp(-log_reach) - 1,
                      relative_ci_high=ratio * math.exp(log_reach) - 1)  # fmt: skip


def cuped(t, c):
    x = np.concatenate([t.x, c.x])
    theta = np.cov(np.concatenate([t.y, c.y]), x)[0, 1] / np.var(x, ddof=1)
    return welch(*(arm.y - theta * (arm.x - x.mean()) for arm in (t, c)))


def linearised(top, bottom):
    return (top - top.mean() / bottom.mean() * bottom) / bottom.mean()


def ratio(t, c):
    return welch(linearised(t.y, t.d), linearised(c.y, c.d), t.y.mean() / t.d.mean(), c.y.mean() / c.d.mean())


def ratio_cuped(t, c):
    both = [np.concatenate([getattr(t, name), getattr(c, name)]) for name in "ydxz"]
    outcome, covariate = linearised(both[0], both[1]), linearised(both[2], both[3])
    theta = np.cov(outcome, covariate)[0, 1] / np.var(covariate, ddof=1)
    overall = both[2].mean() / both[3].mean()
    means = [arm.y.mean() / arm.d.mean() - theta * (arm.x.mean() / arm.z.mean() - overall) for arm in (t, c)]
    return welch(*(linearised(arm.y, arm.d) - theta * linearised(arm.x, arm.z) for arm in (t, c)), *means)


def poststratified(t, c):
    figures = {}
    for name, arm in (("t", t), ("c", c)):
        mean, terms = 0.0, []
        for stratum in sorted(set(t.strata) | set(c.strata)):
            share = (np.sum(t.strata == stratum) + np.sum(c.strata == stratum)) / (len(t.y) + len(c.y))
            values = arm.y[arm.strata == stratum]
            mean += share * values.mean()
            terms.append((share**2 * values.var(ddof=1) / len(values), len(values) - 1))
        variance = sum(v for v, _ in terms)
        figures[name] = mean, variance, variance**2 / sum(v**2 / df for v, df in terms)
    return from_errors(*figures["t"], *figures["c"])


def proportion(t, c):
    (p_t, n_t), (p_c, n_c) = ((arm.y.mean(), len(arm.y)) for arm in (t, c))
    (low_t, high_t), (low_c, high_c) = (
        stats.binomtest(int(arm.y.sum()), len(arm.y)).proportion_ci(1 - ALPHA, method="wilson") for arm in (t, c)
    )
    pooled = (t.y.sum() + c.y.sum()) / (n_t + n_c)
    error = math.sqrt(pooled * (1 - pooled) * (1 / n_t + 1 / n_c))
    return dict(control_mean=p_c, treatment_mean=p_t, absolute_lift=p_t - p_c, standard_error=error,
                ci_low=p_t - p_c - math.hypot(p_t - low_t, high_c - p_c),
                ci_high=p_t - p_c + math.hypot(high_t - p_t, p_c - low_c),
                p_value=2 * stats.norm.sf(abs(p_t - p_c) / error), relative_lift=p_t / p_c - 1,
                degrees_of_freedom=None, relative_ci_low=None, relative_ci_high=None)  # fmt: skip


def sequential(t, c):
    row = welch(t.y, c.y)
    n = len(t.y) + len(c.y)
    rho = math.sqrt((-2 * math.log(ALPHA) + math.log(1 - 2 * math.log(ALPHA))) / PLANNED_UNITS)

    def half_width(alpha):
        inner = 2 * (n * rho**2 + 1) * math.log(math.sqrt(n * rho**2 + 1) / alpha)
        return row["standard_error"] * math.sqrt(n) * math.sqrt(inner) / (n * rho)

    reach, lift = half_width(ALPHA), row["absolute_lift"]
    # The p is where the interval touches zero: found by halving, not by the formula.
    low, high = -700.0, 0.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if half_width(math.exp(middle)) > abs(lift) else (low, middle)
    p_value = 1.0 if half_width(1.0) >= abs(lift) else math.exp(high)
    return row | dict(ci_low=lift - reach, ci_high=lift + reach, p_value=p_value, degrees_of_freedom=None,
                      relative_ci_low=None, relative_ci_high=None)  # fmt: skip


class Values:
    def __init__(self, y):
        self.y = y


def until(arm, day):
    """The outcomes that are complete on a day."""
    return arm.y[np.arange(len(arm.y)) % DAYS <= day]


def cace(t, c):
    share = t.exposed.mean() - c.exposed.mean()
    effect = (t.y.mean() - c.y.mean()) / share
    error = math.sqrt(sum(np.var(arm.y - effect * arm.exposed, ddof=1) / len(arm.y) for arm in (t, c))) / share
    reach = stats.norm.ppf(1 - ALPHA / 2) * error
    row = dict.fromkeys(["control_mean", "treatment_mean", "degrees_of_freedom", "relative_lift", "relative_ci_low",
                         "relative_ci_high"])  # fmt: skip
    return row | dict(absolute_lift=effect, standard_error=error, ci_low=effect - reach, ci_high=effect + reach,
                      p_value=2 * stats.norm.sf(abs(effect) / error))  # fmt: skip


METHODS = {
    "itt": lambda t, c: welch(t.y, c.y), "itt_unmerged": lambda t, c: welch(t.y, c.y), "cuped": cuped, "ratio": ratio,
    "ratio_cuped": ratio_cuped, "proportion": proportion, "poststratified": poststratified, "sequential": sequential,
    "cace": cace,
}  # fmt: skip


def asked(experiment, metric):
    """The methods that the metric of the experiment has."""
    methods = {"itt", "itt_unmerged", "cuped", "sequential", "cace"}
    if METRICS[metric].get("denominator_metric_key"):
        methods |= {"ratio", "ratio_cuped"}
    if metric == "yes_no":
        methods |= {"proportion"}
    return methods | ({"poststratified"} if SIZES[experiment][-1] else set())


def test_every_metric_has_the_methods_that_fit_it(results):
    wanted = {(experiment, metric, arm, method, "all") for experiment in SIZES for metric in METRICS for arm in "ab"
              for method in asked(experiment, metric)}  # fmt: skip
    assert {key for key in results if key[0] in SIZES} == wanted


@pytest.mark.parametrize("method", METHODS)
def test_estimator_is_that_of_the_values_of_units(results, arms, method):
    wrong, compared = [], 0
    for experiment in SIZES:
        for metric in METRICS:
            if method not in asked(experiment, metric):
                continue
            # Poststratified means are sums of shares to twelve decimals; a million beside a deviation of some ten leaves
            # a double no more than these digits.
            digits = 1e-7 if experiment == "offset" else 1e-9
            control = arms[experiment, metric, "control"]
            for arm in "ab":
                row = results[experiment, metric, arm, method, "all"]
                wanted = METHODS[method](arms[experiment, metric, arm], control)
                assert row["reason"] is None and row["control_units"] == len(control.y)
                for column, value in wanted.items():
                    compared += 1
                    scale = 1 if column.startswith("relative") or column == "p_value" else wanted["standard_error"]
                    same = row[column] is value if None in (value, row[column]) else math.isclose(
                        row[column], value, rel_tol=digits, abs_tol=digits * scale)
                    if not same:
                        wrong.append((experiment, metric, arm, column, row[column], value))
    assert not wrong and compared > 60


def test_p_values_are_adjusted_by_method(results):
    for experiment in SIZES:
        for method in METHODS:
            rows = [row for key, row in results.items() if key[0] == experiment and key[3] == method]
            if rows:
                adjusted = stats.false_discovery_control([row["p_value"] for row in rows], method="bh")
                for row, value in zip(rows, adjusted):
                    assert math.isclose(row["p_value_adjusted"], value, rel_tol=1e-9)


def test_cuped_and_strata_narrow(results):
    """The premise of the methods: what explains the outcome is taken out of it."""
    for metric in ("yes_no", "count"):
        itt, adjusted = (results["large", metric, "a", method, "all"]["standard_error"] for method in ("itt", "cuped"))
        assert adjusted < itt
    money = {method: results["large", "money", "a", method, "all"]["standard_error"] for method in ("itt", "poststratified")}
    assert money["poststratified"] < money["itt"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_figure_that_cannot_be_had_says_why(results, fault):
    reason, _ = FAULTS[fault]
    rows = {method: row for (key, _, _, method, part), row in results.items() if key == fault and part == "all"}
    assert rows.keys() == {"itt", "itt_unmerged", "cuped", "ratio", "ratio_cuped", "sequential"}
    judged = {"ratio", "ratio_cuped"} if fault == "zero_denominators" else rows.keys()
    for method in judged:
        assert rows[method]["reason"] in (reason, "the covariate does not vary"), method
        for column in ("standard_error", "ci_low", "ci_high", "p_value", "p_value_adjusted", "relative_ci_low"):
            assert rows[method][column] is None, (method, column)
    assert rows["ratio"]["reason"] == reason


def test_each_day_of_a_curve_is_what_its_units_show(measured, arms):
    rows = {(row["experiment_key"], row["metric_key"], row["arm_key"], row["as_of_date"]): row
            for row in rows_of(measured, "experiment_cumulative_lifts") if row["experiment_key"] in SIZES}  # fmt: skip
    compared, wrong = set(), []
    for (experiment, metric, arm), treated in arms.items():
        for day in range(DAYS) if arm != "control" else ():
            t, c = (until(values, day) for values in (treated, arms[experiment, metric, "control"]))
            key = (experiment, metric, arm, datetime.date(2026, 3, 1 + day))
            row = rows[key]
            assert (row["control_units"], row["treatment_units"], row["is_as_in_result"]) == (len(c), len(t), True)
            compared.add(key)
            if np.var(t) + np.var(c) == 0:
                assert row["reason"] == "neither arm varies"
                continue
            fixed, always = welch(t, c), sequential(Values(t), Values(c))
            wanted = {name: fixed[name] for name in ("control_mean", "treatment_mean", "absolute_lift")} | dict(
                fixed_ci_low=fixed["ci_low"], fixed_ci_high=fixed["ci_high"], ci_low=always["ci_low"], ci_high=always["ci_high"])
            digits = 1e-7 if experiment == "offset" else 1e-9
            # Student's quantile has five digits below two degrees of freedom.
            few = {"fixed_ci_low", "fixed_ci_high"} if fixed["degrees_of_freedom"] < 2 else set()
            wrong += [(key, name, row[name], value) for name, value in wanted.items()
                      if not math.isclose(row[name], value, rel_tol=1e-5 if name in few else digits,
                                          abs_tol=digits * fixed["standard_error"])]  # fmt: skip
    assert not wrong and compared == rows.keys() and len(compared) == 2 * len(SIZES) * len(METRICS) * DAYS


MARTS = ("experiment_results", "segment_lifts", "experiment_slices", "experiment_readouts", "experiment_cumulative_lifts")
FIGURES_OF_A_DAY = ("absolute_lift", "ci_low", "ci_high", "fixed_ci_low", "fixed_ci_high")
# Without a unit whose outcome is complete there is no day.
WITHOUT_DAYS = {"nobody_at_all", "nobody_is_mature"}


def rows_of(measured, mart):
    columns = measured.column(f"select column_name from (describe main.{mart})")
    return [dict(zip(columns, row)) for row in measured.query(f"from main.{mart}")]


@pytest.mark.parametrize("mart", MARTS)
def test_no_figure_is_nan_or_infinite(measured, mart):
    rows = rows_of(measured, mart)
    assert {row["experiment_key"] for row in rows} >= BAD_INPUT.keys() - WITHOUT_DAYS
    wrong = [(row["experiment_key"], column, value) for row in rows for column, value in row.items()
             if isinstance(value, float) and not math.isfinite(value)]  # fmt: skip
    assert not wrong


@pytest.mark.parametrize("key", BAD_INPUT)
def test_bad_input_is_a_null_with_its_reason_in_every_mart(measured, key):
    arms, is_mature, reason = BAD_INPUT[key]
    marts = {mart: [row for row in rows_of(measured, mart) if row["experiment_key"] == key] for mart in MARTS}
    # A row for everything that was asked, also where nothing came.
    methods = {"itt", "itt_unmerged", "cuped", "sequential", "cace"}
    results = {(row["metric_key"], row["method"]): row for row in marts["experiment_results"] if not row["is_early"]}
    assert results.keys() >= {(metric, method) for metric in ("money", "per_order", "yes_no") for method in methods}
    assert {row["metric_key"] for row in marts["experiment_readouts"]} == {"money", "per_order", "yes_no"}
    for mart in ("segment_lifts", "experiment_slices"):
        of_money = {row.get("segment_id") or row["dimension_value"] for row in marts[mart] if row["metric_key"] == "money"}
        # Of units of another system the ledger recorded no attribute.
        parts = {"north", "south"} | ({"x", "y", "not recorded"} if mart == "experiment_slices" else set())
        assert of_money == (parts if arms else set())
    # Every null says why, and what says why has no figure.
    for row in results.values():
        assert (row["standard_error"] is None) == (row["reason"] is not None)
        assert (row["relative_ci_low"] is None) == (row["relative_reason"] is not None) == (row["relative_ci_high"] is None)
        assert row["reason"] is None or {row[name] for name in ("ci_low", "ci_high", "p_value", "relative_ci_low")} == {None}
    for row in marts["segment_lifts"]:
        assert (row["pooled_lift"] is None) == (row["pooled_ci_low"] is None) == (row["reason"] is not None)
    assert bool(marts["experiment_cumulative_lifts"]) == (key not in WITHOUT_DAYS)
    for row in marts["experiment_cumulative_lifts"]:
        assert len({row[name] is None for name in FIGURES_OF_A_DAY}) == 1
        assert (row["absolute_lift"] is None) == (row["reason"] is not None)
    for row in marts["experiment_slices"]:
        assert (row["ci_low"] is None) == (row["p_value"] is None) == (row["reason"] is not None)
    for row in marts["experiment_readouts"]:
        assert row["reason"] and (row["ci_low"] is not None or "No figure: " in row["reason"])
        assert (row["relative_ci_low"] is None) == (row["relative_reason"] is not None)
        assert (row["planned_power"] is None) != ("would have been found in" in row["reason"]) or row["verdict"] == "positive"
    # No unit is no zero, and a metric without rows is none either.
    assert results["money", "itt"]["reason"] == reason
    empty = [row for row in results.values() if row["metric_key"] == "yes_no" or reason and "no unit" in reason]
    assert empty and all(row["absolute_lift"] is None and "no unit to analyse" in row["reason"] for row in empty)
    if reason:
        assert {row["verdict"] for row in marts["experiment_readouts"]} == {"inconclusive"}


def test_a_lift_over_nothing_says_so(results):
    said = {key: results[key, "money", "a", "itt", "all"]["relative_reason"] for key in BAD_INPUT}
    assert said["control_is_zero"] == said["amounts_are_negative"] == "the mean of control is not above zero"
    assert said["means_are_near_zero"] == "a mean is too near zero to divide by"
    assert said["covariate_is_flat"] is said["amounts_are_vast"] is None
    assert results["covariate_is_flat", "money", "a", "cuped", "all"]["reason"] == "the covariate does not vary"
    assert results["covariate_is_all", "money", "a", "cuped", "all"]["reason"] == "neither arm varies"
    assert results["large", "money", "a", "sequential", "all"]["relative_reason"].startswith("the method has no interval")


def test_early_units_are_apart(results):
    complete, early = (results[HALF, "count", "a", "itt", part] for part in ("all", "early"))
    assert (complete["treatment_units"], early["treatment_units"]) == (21, 40)
    assert (complete["is_early"], early["is_early"]) == (False, True)
    assert complete["control_mean"] == pytest.approx(np.mean([i % 5 for i in range(21)]))
    assert early["control_mean"] == pytest.approx(np.mean([i % 5 + (i > 20) * 3 for i in range(40)]))
    # Where all windows are complete there is nothing to be early about.
    assert not [key for key in results if key[4] == "early" and key[0] in SIZES]


# ---- Other tools ---------------------------------------------------------------------------------------------------


def tea_tasting(kind, *columns, **covariates):
    """What a metric of tea-tasting finds in the units of two arms."""

    def found(t, c):
        tea, pyarrow = oracle("tea_tasting"), oracle("pyarrow")
        arms = {1: t, 0: c}
        table = {name: np.concatenate([getattr(arm, name) for arm in arms.values()]) for name in "ydxz"}
        variant = np.concatenate([np.full(len(arm.y), key) for key, arm in arms.items()])
        metric = getattr(tea, kind)(*columns, confidence_level=1 - ALPHA, **covariates)
        row = tea.Experiment(m=metric).analyze(pyarrow.table(table | {"variant": variant}))["m"]
        return dict(control_mean=row.control, treatment_mean=row.treatment, absolute_lift=row.effect_size,
                    ci_low=row.effect_size_ci_lower, ci_high=row.effect_size_ci_upper, p_value=row.pvalue,
                    relative_lift=row.rel_effect_size, relative_ci_low=row.rel_effect_size_ci_lower,
                    relative_ci_high=row.rel_effect_size_ci_upper)  # fmt: skip

    return found


def scipy_welch(t, c):
    test = stats.ttest_ind(t.y, c.y, equal_var=False)
    interval = test.confidence_interval(1 - ALPHA)
    return dict(p_value=test.pvalue, degrees_of_freedom=test.df, ci_low=interval.low, ci_high=interval.high)


def statsmodels_welch(t, c):
    weights = oracle("statsmodels.stats.weightstats")
    two = weights.CompareMeans(weights.DescrStatsW(t), weights.DescrStatsW(c))
    low, high = two.tconfint_diff(ALPHA, usevar="unequal")
    _, p_value, df = two.ttest_ind(usevar="unequal")
    return dict(absolute_lift=two.d1.mean - two.d2.mean, standard_error=two.std_meandiff_separatevar, ci_low=low,
                ci_high=high, p_value=p_value, degrees_of_freedom=df)  # fmt: skip


def statsmodels_cuped(t, c):
    """Welch on what a regression of the outcome on the covariate, without the arm, leaves over."""
    api = oracle("statsmodels.api")
    left = api.OLS(np.concatenate([t.y, c.y]), api.add_constant(np.concatenate([t.x, c.x]))).fit().resid
    return statsmodels_welch(left[: len(t.y)], left[len(t.y):])


def statsmodels_proportion(t, c):
    tools = oracle("statsmodels.stats.proportion")
    counts, sizes = [t.y.sum(), c.y.sum()], [len(t.y), len(c.y)]
    low, high = tools.confint_proportions_2indep(counts[0], sizes[0], counts[1], sizes[1], method="newcomb", compare="diff",
                                                 alpha=ALPHA)  # fmt: skip
    return dict(ci_low=low, ci_high=high, p_value=tools.proportions_ztest(counts, sizes)[1])


def statsmodels_poststratified(t, c):
    """A mean for each cell of arm and stratum; HC2 gives each cell its own variance, divided by n - 1."""
    api = oracle("statsmodels.api")
    cells = [(arm, stratum) for arm in (t, c) for stratum in sorted(set(t.strata))]
    dummies = np.concatenate([[(arm is one) & (arm.strata == stratum) for one, stratum in cells] for arm in (t, c)], axis=1)
    units = len(t.y) + len(c.y)
    shares = [(np.sum(t.strata == s) + np.sum(c.strata == s)) / units * (1 if arm is t else -1) for arm, s in cells]
    fitted = api.OLS(np.concatenate([t.y, c.y]), dummies.T.astype(float)).fit(cov_type="HC2").t_test(shares)
    return dict(absolute_lift=fitted.effect.item(), standard_error=fitted.sd.item())


def statsmodels_cace(t, c):
    """Two-stage least squares, the arm as the instrument."""
    gmm, api = oracle("statsmodels.sandbox.regression.gmm"), oracle("statsmodels.api")
    arm = np.repeat([1.0, 0.0], [len(t.y), len(c.y)])
    y, exposed = np.concatenate([t.y, c.y]), np.concatenate([t.exposed, c.exposed])
    return dict(absolute_lift=gmm.IV2SLS(y, api.add_constant(exposed), api.add_constant(arm)).fit().params[1])


RATIOS = ["per_order", "per_member"]
AMOUNTS = ["yes_no", "count", "money", "capped", "per_order"]
OTHERS = {
    ("itt", "tea-tasting"): (AMOUNTS, tea_tasting("Mean", "y")),
    ("itt", "scipy"): (AMOUNTS, scipy_welch),
    ("itt", "statsmodels"): (AMOUNTS, lambda t, c: statsmodels_welch(t.y, c.y)),
    ("cuped", "tea-tasting"): (AMOUNTS, tea_tasting("Mean", "y", covariate="x")),
    ("cuped", "statsmodels"): (AMOUNTS, statsmodels_cuped),
    ("ratio", "tea-tasting"): (RATIOS, tea_tasting("RatioOfMeans", "y", "d")),
    ("ratio_cuped", "tea-tasting"): (
        RATIOS, tea_tasting("RatioOfMeans", "y", "d", numer_covariate="x", denom_covariate="z")
    ),
    ("proportion", "statsmodels"): (["yes_no"], statsmodels_proportion),
    ("poststratified", "statsmodels"): (AMOUNTS, statsmodels_poststratified),
    ("cace", "statsmodels"): (AMOUNTS, statsmodels_cace),
}  # fmt: skip


@pytest.mark.parametrize("method, name", OTHERS, ids=map(" by ".join, OTHERS))
def test_other_tools_agree(results, arms, method, name):
    """To 1e-6, relatively; a lift and the ends of its interval relatively to the standard error where that is larger.
    `pytest -rP` prints the largest difference."""
    metrics, found = OTHERS[method, name]
    largest = {}
    for experiment in SIZES:
        for metric in metrics:
            if method not in asked(experiment, metric):
                continue
            for treatment in "ab":
                row = results[experiment, metric, treatment, method, "all"]
                for column, value in found(arms[experiment, metric, treatment], arms[experiment, metric, "control"]).items():
                    scale = abs(value)
                    if column in ("absolute_lift", "ci_low", "ci_high"):
                        scale = max(scale, row["standard_error"])
                    place = abs(row[column] - value) / scale, column, experiment, metric, treatment
                    largest[column] = max(largest.get(column, place), place)
    worst = max(largest.values())
    print(f"| `{method}` | {name} | {len(largest)} | {worst[0]:.1e} | {' '.join(worst[1:])} |")
    assert worst[0] < 1e-6, sorted(largest.values())[::-1]
