"""segment_lifts against random effects worked out in numpy and scipy on the values of units, against statsmodels, and
against planted effects of segments, which pooled figures must come nearer to than raw ones; experiment_slices against
scipy's t test and a Wald test of equal effects.

The unit outcomes are written into the built table, as in test_estimators.py; the models from there on run as they are.
"""

import csv
import math

import duckdb
import numpy as np
import pytest
from conftest import oracle
from scipy import stats
from warehouse import seed

ALPHA = 0.05
# experiment: segments and the effect of each; None for the pools that are drawn.
WORLDS = 30
WIDE = {f"s{i:02}": effect for i, effect in enumerate(np.linspace(-0.5, 2.5, 12))}
EVEN = {f"s{i}": 0.3 for i in range(6)}
MANY = {f"s{i:02}": 0.2 * (i % 3) for i in range(60)}
STRATA = ("gold", "silver", None)
# What the ledger remembers; of some units nothing.
DEVICES = ("mobile", "desktop", "unknown", None)
COLUMNS = ("experiment_key", "arm_key", "segment_id", "unit_id", "outcome_value", "is_mature", "stratum", "preferred_device")


def units_of(experiment, effects, generator, size=(15, 60)):
    """Rows of units of two arms, a segment after the other; a unit is worth about 2, give or take 1.5."""
    rows = []
    for segment, effect in effects.items():
        for arm in ("control", "a"):
            values = generator.normal(2 + (effect if arm == "a" else 0), 1.5, generator.integers(*size))
            rows += [(experiment, arm, segment, f"{segment}-{arm}-{i}", float(v), True, None) for i, v in enumerate(values)]
    return rows


def worlds():
    """{experiment: (effects of its segments, rows of units)}."""
    generator = np.random.default_rng(20261122)
    found = {key: (effects, units_of(key, effects, generator)) for key, effects in
             {"wide": WIDE, "even": EVEN, "many": MANY, "mail_1": {"x": 0.5, "y": 1.0, "z": 0.2}, "mail_2": {"x": -0.5, "w": 0.1}}.items()}  # fmt: skip
    for number in range(WORLDS):
        effects = {f"s{i}": generator.normal(0.3, 0.3) for i in range(8)}
        found[f"world_{number:02}"] = effects, units_of(f"world_{number:02}", effects, generator)
    rows = units_of("faults", {"good": 0.1}, generator)
    rows += [("faults", arm, "flat", f"flat-{arm}-{i}", 2.0, True, None) for arm in ("control", "a") for i in range(5)]
    rows += [("faults", "control", "thin", f"thin-c-{i}", float(i), True, None) for i in range(5)]
    rows += [("faults", "a", "thin", "thin-a", 1.0, True, None), ("faults", "control", "one_arm", "c", 1.0, True, None)]
    rows += [("faults", arm, "late", f"late-{arm}-{i}", float(i), False, None) for arm in ("control", "a") for i in range(5)]
    rows += [("faults", arm, None, f"nowhere-{arm}-{i}", float(i), True, None) for arm in ("control", "a") for i in range(5)]
    found["faults"] = {}, rows
    # Strata and devices across segments, and in one of the strata the effect is another.
    rows = []
    for row in units_of("dealt", {"north": 0.2, "south": 0.2, "west": 0.2}, generator, size=(60, 90)):
        stratum = STRATA[generator.integers(3)]
        rows.append((*row[:4], row[4] + (2.0 if stratum == "gold" and row[1] == "a" else 0.0), True, stratum,
                     DEVICES[generator.integers(4)]))  # fmt: skip
    found["dealt"] = {}, rows
    return found


@pytest.fixture(scope="module")
def planted():
    return worlds()


@pytest.fixture(scope="module")
def measured(new_warehouse, planted, tmp_path_factory):
    plan = dict(hypothesis="x", unit_type="customer", assignment_source="external", starts_at="2026-01-01",
                ends_at="2026-06-01", outcome_window_days=14, covariate_window_days=14, primary_metric_key="money",
                planned_relative_lift=0.1, alpha=ALPHA, power=0.8)  # fmt: skip
    warehouse = new_warehouse("segments", seeds=seed(
        experiments=[plan | dict(experiment_key=key, stratify_by="loyalty_tier" if key == "dealt" else None)
                     for key in planted],
        experiment_arms=[
            dict(experiment_key=key, arm_key=arm, is_control=str(arm == "control").lower(), weight=0.5,
                 creative_key="mail" if key.startswith("mail") and arm == "a" else None)
            for key in planted for arm in ("control", "a")
        ],
        experiment_metrics=[dict(experiment_key=key, metric_key="money") for key in planted],
        metrics=[dict(metric_key="money", description="x", desired_direction="increase", source="orders",
                      aggregation="sum", value_column="order_amount")],
        holdouts=[],
    ))  # fmt: skip
    warehouse.write("ads/campaigns", [dict(campaign_id="other", platform="x")])
    warehouse.build("+segment_lifts", "+experiment_slices", as_of="2026-05-01")
    write(warehouse, planted, tmp_path_factory.mktemp("units"))
    run(warehouse)
    return warehouse


def write(warehouse, planted, folder):
    with (folder / "units.csv").open("w", newline="") as file:
        missing = len(COLUMNS) * (None,)
        csv.writer(file).writerows([COLUMNS, *(row + missing[len(row):] for _, rows in planted.values() for row in rows)])
    with duckdb.connect(str(warehouse.database)) as connection:
        connection.execute("delete from main.experiment_unit_outcomes")
        connection.execute(f"""
            insert into main.experiment_unit_outcomes
                (unit_type, metric_key, is_control, assigned_at, is_merged_across_arms, is_exposed, covariate_value,
                 {', '.join(COLUMNS)})
            select 'customer', 'money', arm_key = 'control', timestamp '2026-02-01', false, false, 0,
                {', '.join(COLUMNS)}
            from read_csv('{folder / "units.csv"}', sample_size = -1)
        """)


def run(warehouse):
    result = warehouse.dbt("run", "--select", "int_experiment_caps+", "int_experiment_unit_deviations+",
                           "--exclude", "path:models/marts/performance", "--vars", "{as_of: 2026-05-01}")  # fmt: skip
    assert result.success, warehouse.problems(result)


def rows_of(warehouse):
    columns = [row[0] for row in warehouse.query("select column_name from (describe main.segment_lifts)")]
    rows = [dict(zip(columns, row)) for row in warehouse.query("from main.segment_lifts")]
    return {(row["experiment_key"], row["segment_id"]): row for row in rows}


@pytest.fixture(scope="module")
def lifts(measured):
    return rows_of(measured)


# ---- The oracle: on the values of units ----------------------------------------------------------------------------


def segments_of(rows):
    """{segment: (lift, squared error)} of the units of an experiment."""
    found = {}
    for segment in sorted({row[2] for row in rows}):
        c, t = ([row[4] for row in rows if row[1:3] == (arm, segment)] for arm in ("control", "a"))
        found[segment] = np.mean(t) - np.mean(c), np.var(t, ddof=1) / len(t) + np.var(c, ddof=1) / len(c)
    return found


def random_effects(y, v, is_shrunk=True):
    """DerSimonian and Laird, by matrices rather than by sums: the method's equation E[Q] = tr(P (V + tau^2 I)). Segments are
    shrunk by Morris 1983 with r = 1, written as there but for the error of the mean."""
    k, weights = len(y), np.diag(1 / v)
    ones = np.ones((k, 1))
    projection = weights - weights @ ones @ ones.T @ weights / (ones.T @ weights @ ones)
    q = float(y @ projection @ y)
    tau2 = max(0.0, (q - np.trace(projection @ np.diag(v))) / np.trace(projection))
    total = 1 / (v + tau2)
    mean = np.average(y, weights=total)
    scale = max(1.0, float(np.sum(total * (y - mean) ** 2)) / (k - 1))
    error = math.sqrt(scale / total.sum())
    reach = stats.t.ppf(1 - ALPHA / 2, k - 1) * error
    shared = dict(mean_lift=mean, mean_ci_low=mean - reach, mean_ci_high=mean + reach, tau_squared=tau2,
                  heterogeneity_statistic=q, heterogeneity_p_value=stats.chi2.sf(q, k - 1),
                  i_squared=max(0.0, 1 - (k - 1) / q), pooled_segment_count=k)  # fmt: skip
    if not is_shrunk:
        return shared
    shrinkage = (k - 3) / (k - 1) * v * total
    pooled = (1 - shrinkage) * y + shrinkage * mean
    # r^_i / k, the weight of a segment in the mean, whose variance is here that of Hartung and Knapp.
    leverage = total / total.sum() * scale
    average = np.average(v, weights=total)
    trial = 2 / (k - 3) * shrinkage**2 * (average + tau2) / (v + tau2)
    spread = v * (1 - (1 - leverage) * shrinkage) + trial * (y - mean) ** 2
    pooled_reach = stats.norm.ppf(1 - ALPHA / 2) * np.sqrt(spread)
    return [
        shared | dict(raw_lift=y[i], standard_error=math.sqrt(v[i]), shrinkage=shrinkage[i], pooled_lift=pooled[i],
                      pooled_ci_low=pooled[i] - pooled_reach[i], pooled_ci_high=pooled[i] + pooled_reach[i])
        for i in range(k)
    ]  # fmt: skip


def expected(planted, experiments):
    keys, y, v = [], [], []
    for experiment in experiments:
        for segment, (lift, variance) in segments_of(planted[experiment][1]).items():
            keys.append((experiment, segment)), y.append(lift), v.append(variance)
    return dict(zip(keys, random_effects(np.array(y), np.array(v))))


@pytest.mark.parametrize("pool", ["wide", "even", "many", "world_07"])
def test_statsmodels_agrees(pool, planted, lifts):
    """To 1e-6, relatively. Our interval is never narrower than the one without Hartung and Knapp's scale, and where
    statsmodels lets tau^2 be negative ours is 0: its figures of fixed effects."""
    effects, variances = np.array(list(segments_of(planted[pool][1]).values())).T
    found = oracle("statsmodels.stats.meta_analysis").combine_effects(effects, variances, method_re="dl")
    kind = "re" if found.tau2 > 0 else "fe"
    mean, plain, scaled = (
        getattr(found, name) for name in (f"mean_effect_{kind}", f"sd_eff_w_{kind}", f"sd_eff_w_{kind}_hksj")
    )
    reach = stats.t.ppf(1 - ALPHA / 2, len(effects) - 1) * max(plain, scaled)
    wanted = dict(tau_squared=max(found.tau2, 0.0), heterogeneity_statistic=found.q, i_squared=max(found.i2, 0.0),
                  mean_lift=mean, mean_ci_low=mean - reach, mean_ci_high=mean + reach)  # fmt: skip
    row = lifts[pool, min(key for experiment, key in lifts if experiment == pool)]
    worst = max((abs(row[name] - value) / (abs(value) or 1.0), name) for name, value in wanted.items())
    print(f"| `segment_lifts` | statsmodels | {len(wanted)} | {worst[0]:.1e} | {worst[1]} {pool} |")
    assert worst[0] < 1e-6


@pytest.mark.parametrize("pool", [["wide"], ["even"], ["world_07"], ["many"], ["mail_1", "mail_2"]], ids="+".join)
def test_figures_are_those_of_random_effects(pool, planted, lifts):
    wanted = expected(planted, pool)
    assert len(wanted) > 2
    for key, figures in wanted.items():
        row = lifts[key]
        # Beyond 50 degrees of freedom p is approximate, as docs/methods.md says.
        close = dict(rel=1e-8, abs=3e-4 if len(wanted) > 51 else 1e-9)
        assert row["heterogeneity_p_value"] == pytest.approx(figures.pop("heterogeneity_p_value"), **close), key
        assert {name: row[name] for name in figures} == pytest.approx(figures, rel=1e-8, abs=1e-9), key
        assert row["reason"] is None


def test_the_worlds_are_of_both_kinds(lifts):
    assert lifts["wide", "s00"]["tau_squared"] > 0.3 and lifts["wide", "s00"]["heterogeneity_p_value"] < 0.01
    assert lifts["even", "s0"]["tau_squared"] == 0 and lifts["even", "s0"]["shrinkage"] == pytest.approx(3 / 5)
    assert {row["pool_key"] for (key, _), row in lifts.items() if key.startswith("mail")} == {
        "mail against nothing, customer, 14 days"
    }


def test_what_cannot_be_pooled_says_why(lifts):
    faults = {segment: row["reason"] for (key, segment), row in lifts.items() if key == "faults"}
    assert faults == {
        "good": "fewer than four segments to pool",
        "flat": "neither arm varies",
        "thin": "an arm has fewer than two units",
        "one_arm": "the arm has no unit to analyse",
        "late": "control has no unit to analyse",
    }
    for (key, segment), row in lifts.items():
        if key == "faults":
            assert all(row[name] is None for name in ("pooled_lift", "pooled_ci_low", "shrinkage", "mean_lift")), segment
            assert row["reading"] == f"No pooled figure: {row['reason']}."
    assert lifts["faults", "thin"]["raw_lift"] == 1 - 2


def test_pooled_figures_come_nearer_to_planted_effects(planted, lifts):
    """30 drawn worlds of 8 segments each, effects 0.3 give or take 0.3, errors of about 0.35."""
    raw, pooled, held = [], [], []
    for experiment, (effects, _) in planted.items():
        if experiment.startswith("world"):
            for segment, truth in effects.items():
                row = lifts[experiment, segment]
                raw.append((row["raw_lift"] - truth) ** 2)
                pooled.append((row["pooled_lift"] - truth) ** 2)
                held.append(row["pooled_ci_low"] <= truth <= row["pooled_ci_high"])
    assert len(raw) == 8 * WORLDS
    assert np.mean(pooled) < 0.75 * np.mean(raw), (np.mean(pooled), np.mean(raw))
    assert np.mean(held) > 0.9, np.mean(held)


def slices_of(warehouse):
    columns = [row[0] for row in warehouse.query("select column_name from (describe main.experiment_slices)")]
    rows = [dict(zip(columns, row)) for row in warehouse.query("from main.experiment_slices")]
    return {(row["experiment_key"], row["dimension"], row["dimension_value"]): row for row in rows}


def equal_effects(y, v):
    """Wald's test that all contrasts with the first effect are zero."""
    contrasts = np.hstack([-np.ones((len(y) - 1, 1)), np.eye(len(y) - 1)])
    statistic = contrasts @ y @ np.linalg.solve(contrasts @ np.diag(v) @ contrasts.T, contrasts @ y)
    return statistic, stats.chi2.sf(statistic, len(y) - 1)


@pytest.mark.parametrize("experiment", ["dealt", "wide", "even"])
def test_slices_are_those_of_scipy(experiment, planted, measured):
    found = {key[1:]: row for key, row in slices_of(measured).items() if key[0] == experiment and key[2] != "not recorded"}
    rows, wanted, interactions = planted[experiment][1], {}, {}
    places = {"segment": 2, "stratum": 6, "preferred_device": 7} if experiment == "dealt" else {"segment": 2}
    for dimension, place in places.items():
        y, v = [], []
        # Units of which the ledger does not know the device are no slice by it.
        known = [row for row in rows if row[place] or dimension == "stratum"]
        for value in sorted({row[place] or "unknown" for row in known}):
            c, t = ([row[4] for row in known if row[1] == arm and (row[place] or "unknown") == value] for arm in ("control", "a"))
            test = stats.ttest_ind(t, c, equal_var=False)
            interval = test.confidence_interval(1 - ALPHA)
            wanted[dimension, value] = dict(absolute_lift=np.mean(t) - np.mean(c), p_value=test.pvalue, ci_low=interval.low,
                                            ci_high=interval.high, control_units=len(c), treatment_units=len(t))  # fmt: skip
            y.append(np.mean(t) - np.mean(c)), v.append(np.var(t, ddof=1) / len(t) + np.var(c, ddof=1) / len(c))
        interactions[dimension] = equal_effects(np.array(y), np.array(v))
    assert set(found) == set(wanted)
    adjusted = stats.false_discovery_control([row["p_value"] for row in wanted.values()])
    between = dict(zip(interactions, stats.false_discovery_control([p for _, p in interactions.values()])))
    for (key, row), p in zip(wanted.items(), adjusted):
        statistic, p_value = interactions[key[0]]
        row |= dict(p_value_adjusted=p, interaction_statistic=statistic, interaction_p_value=p_value,
                    interaction_p_value_adjusted=between[key[0]])  # fmt: skip
        assert {name: found[key][name] for name in row} == pytest.approx(row, rel=1e-8, abs=1e-9), key


def test_only_the_slices_that_differ_are_said_to(measured):
    slices = slices_of(measured)
    assert "differ by more than chance" in slices["dealt", "stratum", "gold"]["reading"]
    assert "differ by no more than chance" in slices["dealt", "segment", "north"]["reading"]
    assert slices["dealt", "stratum", "unknown"]["absolute_lift"] is not None
    assert not [key for key in slices if key[1] == "stratum" and key[0] != "dealt"], "nothing else is stratified"
    assert {key[1] for key in slices} == {"segment", "stratum", "lifecycle_stage", "loyalty_tier", "preferred_device"}
    assert slices["faults", "segment", "flat"]["reading"] == "No figure: neither arm varies."


def test_what_the_ledger_does_not_know_is_said(measured, planted):
    slices = slices_of(measured)
    for experiment in ("dealt", "wide"):
        row = slices[experiment, "preferred_device", "not recorded"]
        units = [one for one in planted[experiment][1] if len(one) < 8 or one[7] is None]
        assert row["control_units"] + row["treatment_units"] == len(units) > 0
        assert row["reading"] == "No figure: the ledger does not know their preferred_device at the assignment."
        assert row["p_value"] is row["p_value_adjusted"] is row["standard_error"] is row["ci_low"] is None
    assert slices["dealt", "preferred_device", "not recorded"]["compared_slice_count"] == 3


def test_a_dimension_can_be_left_out(measured):
    result = measured.dbt("run", "--select", "int_experiment_slice_interactions+", "--vars",
                          "{as_of: 2026-05-01, slice_dimensions: [stratum]}")  # fmt: skip
    assert result.success, measured.problems(result)
    assert {key[1] for key in slices_of(measured)} == {"stratum"}
    result = measured.dbt("run", "--select", "int_experiment_slice_interactions+", "--vars",
                          "{as_of: 2026-05-01, slice_dimensions: []}")  # fmt: skip
    assert result.success and not slices_of(measured)


def test_the_order_of_rows_does_not_matter(measured, planted, lifts, tmp_path):
    """To the last digit: a sum of doubles would differ."""
    write(measured, {key: (effects, rows[::-1]) for key, (effects, rows) in list(planted.items())[::-1]}, tmp_path)
    run(measured)
    assert rows_of(measured) == lifts


def test_a_failed_check_keeps_its_experiment_out_of_the_pool(measured, planted, tmp_path):
    with duckdb.connect(str(measured.database)) as connection:
        connection.execute("update main.experiment_health set status = 'fail' where experiment_key = 'mail_2' "
                           "and check_name = 'sample_ratio'")  # fmt: skip
    result = measured.dbt("run", "--select", "int_segment_pool_members+", "--vars", "{as_of: 2026-05-01}")
    assert result.success, measured.problems(result)
    lifts = rows_of(measured)
    assert lifts["mail_2", "x"]["reason"] == "a check of experiment_health fails"
    # Three segments are left: a mean, and no more.
    for key in (("mail_1", segment) for segment in "xyz"):
        assert lifts[key]["reason"] == "fewer than four segments to pool" and lifts[key]["pooled_lift"] is None
        assert lifts[key]["pooled_segment_count"] == 3
    y, v = (np.array(values) for values in zip(*segments_of(planted["mail_1"][1]).values()))
    figures = random_effects(y, v, is_shrunk=False)
    assert {name: lifts["mail_1", "x"][name] for name in figures} == pytest.approx(figures, rel=1e-8, abs=1e-9)
