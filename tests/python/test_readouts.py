"""experiment_readouts against the rules of docs/methods.md, "Verdicts", written down a second time in Python and asked of the
values of units; and how often they are wrong where nothing happened.

The unit outcomes are written into the built table, as in test_estimators.py; the models from there on run as they are.
"""

import csv

import duckdb
import numpy as np
import pytest
from scipy import optimize, stats
from test_estimators import Arm, cuped, proportion, ratio, ratio_cuped, sequential, welch
from warehouse import seed

ALPHA, PLANNED = 0.05, 0.2
NULLS = 120
METRICS = {
    "orders": dict(aggregation="count", desired_direction="increase"),
    "returns": dict(aggregation="count", desired_direction="decrease"),
    "yes_no": dict(aggregation="any", desired_direction="increase"),
    "per_order": dict(aggregation="sum", value_column="order_amount", denominator_metric_key="orders",
                      desired_direction="increase"),
}  # fmt: skip
COLUMNS = ("experiment_key", "metric_key", "arm_key", "unit_id", "outcome_value", "denominator_value", "covariate_value",
           "covariate_denominator_value")  # fmt: skip
# experiment: primary metric, whether it has ended, {arm: effect}, and the verdict on the primary metric.
WORLDS = {
    "up": ("orders", True, {"a": 1.0}, "positive"),
    "down": ("returns", True, {"a": 1.0}, "negative"),
    "nothing": ("orders", True, {"a": 0.0}, "inconclusive"),
    "soon": ("orders", False, {"a": 3.0}, "positive"),
    "not_yet": ("orders", False, {"a": 0.1}, "too_early"),
    "broken": ("orders", True, {"a": 1.0}, "invalid"),
    "three": ("orders", True, {"a": 1.0, "b": 0.0}, "positive"),
    "rate": ("yes_no", True, {"a": 1.5}, "positive"),
    "ratio": ("per_order", True, {"a": 1.0}, None),
    "ratio_soon": ("per_order", False, {"a": 9.0}, "too_early"),
    "new_customers": ("orders", True, {"a": 1.0}, "positive"),
    "tiny": ("orders", True, {"a": 1.0}, None),
}


def units():
    generator = np.random.default_rng(7)
    rows = []
    for experiment, (primary, _, arms, _) in WORLDS.items():
        size = 20 if experiment == "tiny" else 250
        for arm, effect in {"control": 0.0, **arms}.items():
            quality = generator.gamma(2.0, 1.0, size)
            before, after = generator.poisson(quality), generator.poisson(quality + effect)
            if experiment == "new_customers":
                before[:] = 0
            spent = after * generator.lognormal(3, 0.5, size), before * generator.lognormal(3, 0.5, size)
            for metric in METRICS:
                y, x, d, z = after, before, None, None
                if metric == "yes_no":
                    y, x = after > 2, before * 0
                if metric == "per_order":
                    (y, x), (d, z) = spent, (after, before)
                rows += [(experiment, metric, arm, f"{arm}-{i}", float(y[i]), None if d is None else float(d[i]),
                          float(x[i]), None if z is None else float(z[i])) for i in range(size)]  # fmt: skip
    for number in range(NULLS):
        for arm in ("control", "a"):
            rows += [(f"null_{number:03}", "orders", arm, f"{arm}-{i}", float(v), None, 0.0, None)
                     for i, v in enumerate(generator.poisson(2, 60))]  # fmt: skip
    # Two arms whose p of the primary metric lies between alpha / 2 and alpha: nothing is shown.
    values = generator.normal(10, 3, 60)
    shift = optimize.brentq(lambda by: stats.ttest_ind(values + by, values, equal_var=False).pvalue - 0.04, 0, 3)
    for arm, by in {"control": 0.0, "a": shift, "b": 0.0}.items():
        rows += [("shared", "orders", arm, f"{arm}-{i}", float(v + by), None, 0.0, None) for i, v in enumerate(values)]
    return rows


@pytest.fixture(scope="module")
def readouts(new_warehouse, tmp_path_factory):
    worlds = WORLDS | {f"null_{i:03}": ("orders", True, {"a": 0}, None) for i in range(NULLS)}
    worlds |= {"shared": ("orders", True, {"a": 0, "b": 0}, None)}
    plan = dict(hypothesis="x", unit_type="customer", assignment_source="external", starts_at="2026-01-01",
                outcome_window_days=14, covariate_window_days=14, planned_relative_lift=PLANNED, alpha=ALPHA,
                power=0.8)  # fmt: skip
    warehouse = new_warehouse("readouts", seeds=seed(
        experiments=[plan | dict(experiment_key=key, primary_metric_key=primary,
                                 ends_at="2026-04-01" if ended else "2026-06-01")
                     for key, (primary, ended, *_) in worlds.items()],
        experiment_arms=[
            dict(experiment_key=key, arm_key=arm, is_control=str(arm == "control").lower(), weight=1 / (len(arms) + 1))
            for key, (_, _, arms, _) in worlds.items() for arm in ("control", *arms)
        ],
        experiment_metrics=[dict(experiment_key=key, metric_key=metric) for key in worlds
                            for metric in (METRICS if key in WORLDS else ["orders"])],
        metrics=[dict(metric_key=key, description=key, source="orders") | how for key, how in METRICS.items()],
        holdouts=[],
    ))  # fmt: skip
    warehouse.write("ads/campaigns", [dict(campaign_id="other", platform="x")])
    warehouse.build("+experiment_readouts", as_of="2026-05-01")
    file = tmp_path_factory.mktemp("units") / "units.csv"
    with file.open("w", newline="") as text:
        csv.writer(text).writerows([COLUMNS, *units()])
    with duckdb.connect(str(warehouse.database)) as connection:
        connection.execute("update main.experiment_health set status = 'fail' where experiment_key = 'broken' "
                           "and check_name = 'sample_ratio'")  # fmt: skip
        connection.execute(f"""
            insert into main.experiment_unit_outcomes
                (unit_type, is_control, assigned_at, outcome_ends_at, is_merged_across_arms, is_exposed, is_mature, {', '.join(COLUMNS)})
            select 'customer', arm_key = 'control', timestamp '2026-02-01', timestamp '2026-03-01', false, false, true, {', '.join(COLUMNS)}
            from read_csv('{file}')
        """)
    result = warehouse.dbt("run", "--select", "int_experiment_caps+", "int_experiment_unit_deviations+",
                           "--exclude", "path:models/marts/performance", "--vars", "{as_of: 2026-05-01}")  # fmt: skip
    assert result.success, warehouse.problems(result)
    columns = [row[0] for row in warehouse.query("select column_name from (describe main.experiment_readouts)")]
    rows = [dict(zip(columns, row)) for row in warehouse.query("from main.experiment_readouts")]
    return {(row["experiment_key"], row["metric_key"], row["arm_key"]): row for row in rows}


def adjusted(p_values):
    """{key: p} after Benjamini and Hochberg."""
    keys = list(p_values)
    return dict(zip(keys, stats.false_discovery_control([p_values[key] for key in keys])))


def expected():
    """The rules once more, on the values of units."""
    found = {}
    grouped = {}
    for row in units():
        grouped.setdefault(row[0], {}).setdefault(row[1], {}).setdefault(row[2], []).append(row)
    for experiment, metrics in grouped.items():
        if experiment.startswith("null"):
            continue
        primary, ended = WORLDS[experiment][:2] if experiment in WORLDS else ("orders", True)
        by_method = {}
        for metric, arms in metrics.items():
            groups = {arm: Arm([(*row[:4], None, *row[4:], False) for row in rows]) for arm, rows in arms.items()}
            c = groups.pop("control")
            for arm, t in groups.items():
                varies = np.ptp(np.concatenate([c.x, t.x])) > 0
                found_by = dict(itt=welch(t.y, c.y), sequential=sequential(t, c))
                if varies:
                    found_by["cuped"] = cuped(t, c)
                if metric == "yes_no":
                    found_by["proportion"] = proportion(t, c)
                if metric == "per_order":
                    found_by["ratio"] = ratio(t, c)
                    if varies:
                        found_by["ratio_cuped"] = ratio_cuped(t, c)
                for method, row in found_by.items():
                    by_method.setdefault(method, {})[metric, arm] = row
        for metric, arms in metrics.items():
            enough = len(arms["control"]) >= 25
            if not ended:
                method = None if metric == "per_order" else "sequential"
            elif metric == "per_order":
                method = "ratio_cuped" if enough and (metric, "a") in by_method.get("ratio_cuped", {}) else "ratio"
            elif enough and (metric, "a") in by_method.get("cuped", {}):
                method = "cuped"
            else:
                method = "proportion" if metric == "yes_no" else "itt"
            for arm in arms:
                if arm == "control":
                    continue
                if method is None:
                    found[experiment, metric, arm] = dict(verdict="too_early", method="sequential", absolute_lift=None)
                    continue
                row = by_method[method][metric, arm]
                treatments = len(arms) - 1
                p = (min(1, row["p_value"] * treatments) if metric == primary
                     else adjusted({key: each["p_value"] for key, each in by_method[method].items()})[metric, arm])  # fmt: skip
                alpha = ALPHA / treatments if metric == primary else ALPHA
                score = PLANNED * row["control_mean"] / row["standard_error"]
                critical = stats.norm.ppf(1 - alpha / 2)
                wanted = -1 if metric == "returns" else 1
                if experiment == "broken":
                    verdict = "invalid"
                elif p <= ALPHA and (row["ci_low"] > 0 or row["ci_high"] < 0):
                    verdict = "positive" if row["absolute_lift"] * wanted > 0 else "negative"
                else:
                    verdict = "inconclusive" if ended else "too_early"
                is_shown = verdict != "invalid"
                found[experiment, metric, arm] = dict(
                    verdict=verdict, method=method, is_primary=metric == primary, is_complete=ended,
                    absolute_lift=row["absolute_lift"] if is_shown else None,
                    ci_low=row["ci_low"] if is_shown else None, p_value_decisive=p if is_shown else None,
                    planned_power=stats.norm.sf(critical - score) + stats.norm.sf(critical + score) if is_shown else None,
                )  # fmt: skip
    return found


def test_each_row_is_what_the_rules_say(readouts):
    wanted = expected()
    assert set(wanted) == {key for key in readouts if not key[0].startswith("null")}
    for key, row in wanted.items():
        got = {name: readouts[key][name] for name in row}
        numbers = {name for name, value in row.items() if isinstance(value, float)}
        assert {n: v for n, v in got.items() if n not in numbers} == {n: v for n, v in row.items() if n not in numbers}, key
        assert {n: got[n] for n in numbers} == pytest.approx({n: row[n] for n in numbers}, rel=1e-7, abs=1e-9), key


def test_every_verdict_and_method_is_met(readouts):
    for experiment, (primary, _, _, verdict) in WORLDS.items():
        if verdict:
            assert readouts[experiment, primary, "a"]["verdict"] == verdict, experiment
    assert {row["verdict"] for row in readouts.values()} == {"positive", "negative", "inconclusive", "too_early", "invalid"}
    assert {row["method"] for row in readouts.values()} == {"sequential", "cuped", "proportion", "ratio", "ratio_cuped", "itt"}


def test_arms_share_the_alpha_of_the_primary_metric(readouts):
    row = readouts["shared", "orders", "a"]
    assert row["p_value"] == pytest.approx(0.04, abs=1e-9) and row["p_value_decisive"] == pytest.approx(0.08, abs=1e-9)
    assert row["verdict"] == "inconclusive"
    assert "Zero is out only while the number of comparisons does not count." in row["reason"]


def test_where_nothing_happened_a_verdict_is_rare(readouts):
    said = [row["verdict"] for key, row in readouts.items() if key[0].startswith("null")]
    assert len(said) == NULLS and set(said) <= {"positive", "negative", "inconclusive"}
    # 6 of 120 are expected; 14 or more in 3 of 1,000 such tests.
    assert said.count("inconclusive") > NULLS - 14


def test_a_reason_names_what_decided(readouts):
    assert readouts["broken", "orders", "a"]["reason"].startswith("Not to be read: sample_ratio fails (")
    assert "a fall is wanted" in readouts["down", "returns", "a"]["reason"]
    assert "Said before the last outcome window ends on 2026-06-15" in readouts["soon", "orders", "a"]["reason"]
    assert "would have been found in" in readouts["nothing", "orders", "a"]["reason"]
    assert all(row["reason"] for row in readouts.values())
