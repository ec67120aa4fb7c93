"""Contamination counted twice: by experiment_health, and by plain Python from the raw files and the ledger.

Two experiments follow each other on everybody in one layer, the second with three arms, a campaign and a control message;
a third was assigned by another system, which contradicted itself. Then people merge, are held out and are erased.
"""

import collections
import datetime
import hashlib
import math

import numpy as np
import pytest
from scipy import stats
from warehouse import seed

PEOPLE = 900
FIRST, SECOND, AS_OF = (datetime.datetime(2026, month, day) for month, day in ((3, 1), (3, 12), (4, 10)))
OUTCOME_DAYS, COVARIATE_DAYS = 14, 14
HOLDOUT_SHARE = 0.1
ERASED = range(0, PEOPLE, 61)
WEIGHTS = {
    "first": {"control": 0.5, "offer": 0.5},
    "second": {"control": 0.5, "a": 0.25, "b": 0.25},
    "outside": {"control": 0.5, "a": 0.5},
    "lopsided": {"control": 0.5, "a": 0.5},
}
METRICS = ["order_count", "revenue"]
CREATIVES = {"control": "plain", "a": "red", "b": "blue"}


def draw(name, number):
    """A number in [0, 1) that is fixed for a row."""
    return int(hashlib.md5(f"{name}-{number}".encode()).hexdigest()[:8], 16) / 2**32


def write(warehouse):
    warehouse.write("crm/contacts", [
        dict(contact_id=f"c{i}", user_id=f"u{i}", created_at=datetime.datetime(2026, 1, 5)) for i in range(PEOPLE)
    ])  # fmt: skip
    # Those of `lopsided` were chosen by what they had bought: treatment has the better customers.
    warehouse.write("shop/orders", [
        dict(order_id=f"o{i}-{k}", user_id=f"u{i}", order_amount=round(5 + 100 * draw("amount", (i, k)), 2),
             ordered_at=datetime.datetime(2026, 2, 10) + datetime.timedelta(hours=1400 * draw("at", (i, k))))
        for i in range(PEOPLE) for k in range(6) if draw("order", (i, k)) < 0.3 + 0.2 * (i % 2)
    ])  # fmt: skip
    warehouse.write("ads/campaigns", [
        dict(campaign_id="c1", platform="x", experiment_key="second"),
        dict(campaign_id="c2", platform="x", experiment_key="second"),
        dict(campaign_id="c3", platform="x"),
    ])  # fmt: skip
    kinds = ["impression", "click", "send", "would_be_impression"]
    warehouse.write("ads/touches", [
        dict(touch_id=f"t{i}-{k}", campaign_id=["c1", "c2", "c3"][k % 3], identifier_value=f"u{i}",
             creative_key=[None, "plain", "red", "blue", "other"][int(5 * draw("creative", (i, k)))],
             touch_type=kinds[int(4 * draw("kind", (i, k)))],
             touched_at=datetime.datetime(2026, 3, 5) + datetime.timedelta(hours=700 * draw("touched", (i, k))))
        for i in range(PEOPLE) for k in range(4) if draw("touch", (i, k)) < 0.3
    ])  # fmt: skip
    assigned_at = datetime.datetime(2026, 3, 2)
    warehouse.write("experiments/assignments", [
        *(dict(experiment_key="outside", identifier_value=f"u{i}", arm_key=["control", "a"][draw("outside", i) < 0.5],
               assigned_at=assigned_at) for i in range(500)),
        # A second word, of the other arm or of the same.
        *(dict(experiment_key="outside", identifier_value=f"u{i}", arm_key="a",
               assigned_at=assigned_at + datetime.timedelta(hours=1)) for i in range(0, 500, 40)),
        *(dict(experiment_key="lopsided", identifier_value=f"u{i}", arm_key=["control", "a"][i % 2],
               assigned_at=assigned_at) for i in range(600)),
    ])  # fmt: skip


@pytest.fixture(scope="module")
def built(new_warehouse):
    """As of three days: the first experiment assigns, the second assigns, and all that spoils them has come."""
    external = dict(unit_type="customer", assignment_source="external", starts_at="2026-03-01", ends_at="2026-03-05")
    layered = dict(unit_type="customer", assignment_source="hashed", layer_key="email", layer_from=0, layer_to=1)
    plans = {
        "first": layered | dict(starts_at="2026-03-01", ends_at="2026-03-02"),
        "second": layered | dict(starts_at="2026-03-12", ends_at="2026-03-13"),
        "outside": external,
        "lopsided": external,
    }
    common = dict(hypothesis="x", outcome_window_days=OUTCOME_DAYS, covariate_window_days=COVARIATE_DAYS,
                  primary_metric_key="order_count", planned_relative_lift=0.1, alpha=0.05, power=0.8)  # fmt: skip
    warehouse = new_warehouse("contaminated", seeds=seed(
        experiments=[dict(experiment_key=key) | common | plan | (dict(outcome_window_days=8) if key == "first" else {})
                     for key, plan in plans.items()],
        experiment_arms=[
            dict(experiment_key=key, arm_key=arm, is_control=str(arm == "control").lower(), weight=weight,
                 creative_key=CREATIVES.get(arm) if key == "second" else None)
            for key, weights in WEIGHTS.items() for arm, weight in weights.items()
        ],
        experiment_metrics=[dict(experiment_key=key, metric_key=metric) for key in WEIGHTS for metric in METRICS],
        holdouts=[dict(holdout_key="later", share=HOLDOUT_SHARE, starts_at="2026-03-20")],
    ))  # fmt: skip
    write(warehouse)
    selection = ("+experiment_results", "+experiment_health")
    for day in (FIRST, SECOND):
        warehouse.build(*selection, as_of=day.date().isoformat())
    warehouse.drawn = ledger(warehouse)
    warehouse.write("privacy/erasure_requests", [
        dict(request_id=f"r{i}", identifier_value=f"u{i}", requested_at=SECOND + datetime.timedelta(days=3))
        for i in ERASED
    ])  # fmt: skip
    warehouse.build(*selection, as_of=AS_OF.date().isoformat())
    return warehouse


def ledger(warehouse):
    """{experiment: {unit: (arm, assigned at)}}"""
    found = collections.defaultdict(dict)
    for key, unit, arm, at in warehouse.query(
        "select experiment_key, unit_id, arm_key, assigned_at from main.experiment_assignments"
    ):
        found[key][unit] = (arm, at)
    return found


@pytest.fixture(scope="module")
def units(built):
    return ledger(built)


@pytest.fixture(scope="module")
def people(built):
    """{customer: number of the person}"""
    rows = built.query("select identifier_id, customer_id from main_intermediate.int_identity_map")
    return {customer: int(name.removeprefix("user_id:u")) for name, customer in rows if name.startswith("user_id:u")}


@pytest.fixture(scope="module")
def health(built):
    rows = built.query("select experiment_key, check_name, status, statistic, p_value, detail from main.experiment_health")
    return {(key, check): rest for key, check, *rest in rows}


def raw(warehouse, table, columns):
    return warehouse.query(f"select {columns} from read_parquet('{warehouse.raw}/{table}/*.parquet')")


def same(given, wanted):
    return given is wanted if None in (given, wanted) else math.isclose(given, wanted, rel_tol=1e-9, abs_tol=1e-12)


def test_every_experiment_has_the_checks_that_concern_it(health):
    every = {"sample_ratio", "covariate_balance", "merged_units", "missing", "held_out_since"}
    touches = {"control_exposure", "unexposed_treatment", "exposed_before_assignment", "several_arms_touched"}
    expected = {"first": every | {"carry_over"}, "second": every | touches | {"carry_over"},
                "outside": every | {"several_assignments"}, "lopsided": every | {"several_assignments"}}  # fmt: skip
    found = collections.defaultdict(set)
    for key, check in health:
        found[key].add(check)
    assert found == expected


def test_touches_are_those_of_the_raw_files(built, units, people, health):
    arm_of = {creative: arm for arm, creative in CREATIVES.items()}
    touched = collections.defaultdict(list)
    columns = "identifier_value, campaign_id, creative_key, touch_type, touched_at"
    for user, campaign, creative, kind, at in raw(built, "ads/touches", columns):
        if campaign in ("c1", "c2") and kind != "would_be_impression":
            touched[int(user[1:])].append((arm_of.get(creative), at))
    found = collections.Counter()
    for unit, (arm, start) in units["second"].items():
        side = "control" if arm == "control" else "treatment"
        within = [of for of, at in touched[people[unit]] if start <= at < start + datetime.timedelta(days=OUTCOME_DAYS)]
        exposed = any(of != "control" for of in within)
        crossed = any(of not in (None, arm) for of in within)
        found[side] += 1
        found[side, "exposed"] += exposed
        found["before"] += any(of != "control" and at < start for of, at in touched[people[unit]])
        found[side, "crossed"] += crossed
        found[side, "both"] += crossed and arm in within
    total = found["control"] + found["treatment"]
    expected = {
        "control_exposure": (found["control", "exposed"], found["control"]),
        "unexposed_treatment": (found["treatment"] - found["treatment", "exposed"], found["treatment"]),
        "exposed_before_assignment": (found["before"], total),
        "several_arms_touched": (found["treatment", "crossed"], found["treatment"]),
    }
    for check, (part, whole) in expected.items():
        status, statistic, p_value, detail = health["second", check]
        assert same(statistic, part / whole) and p_value is None and status == "warn" and 0 < part < whole, check
        assert detail.startswith(f"of {whole} ") and f" {part} were " in detail and "of them by" not in check
    assert f" {found['treatment', 'both']} of them by their own arm's too" in health["second", "several_arms_touched"][3]


def test_carry_over_is_scipys_chi_squared(units, health):
    tables = collections.Counter()
    for unit, (arm, _) in units["second"].items():
        if unit in units["first"]:
            tables[units["first"][unit][0], arm] += 1
    table = [[tables[before, arm] for arm in WEIGHTS["second"]] for before in WEIGHTS["first"]]
    status, statistic, p_value, detail = health["second", "carry_over"]
    assert same(statistic, sum(tables.values()) / len(units["second"])) and statistic > 0.5
    assert same(p_value, stats.chi2_contingency(table, correction=False).pvalue)
    assert status == ("warn" if p_value < 0.01 else "pass")
    assert detail.endswith(f"first control {sum(table[0])}, first offer {sum(table[1])}")
    assert health["first", "carry_over"][1:3] == [0, None]


def test_missing_units_are_those_that_were_erased(built, units, health):
    for key, weights in WEIGHTS.items():
        gone = collections.Counter(arm for unit, (arm, _) in built.drawn[key].items() if unit not in units[key])
        drawn = collections.Counter(arm for arm, _ in built.drawn[key].values())
        status, statistic, p_value, detail = health[key, "missing"]
        assert sum(gone.values()) > 5 and same(statistic, sum(gone.values()) / sum(drawn.values()))
        table = [[gone[arm], drawn[arm] - gone[arm]] for arm in weights]
        assert same(p_value, stats.chi2_contingency(table, correction=False).pvalue)
        assert f"control {gone['control']} erased and 0 without a member of {drawn['control']}" in detail
        assert status == ("warn" if p_value < 0.01 else "pass")


def test_held_out_since_is_whom_the_hash_holds_out(units, health):
    for key in WEIGHTS:
        held = {unit for unit in units[key]
                if int(hashlib.md5(f"holdout:later-{unit}".encode()).hexdigest()[:8], 16) / 2**32 < HOLDOUT_SHARE}  # fmt: skip
        treated = sum(units[key][unit][0] != "control" for unit in held)
        # The windows of the other three were over when it began.
        wanted = (len(held), treated) if key == "second" else (0, 0)
        status, statistic, _, detail = health[key, "held_out_since"]
        assert f" {wanted[0]} are in a holdout now, {wanted[1]} of them in treatment" in detail
        assert same(statistic, wanted[0] / len(units[key])) and status == ("warn" if wanted[0] else "pass")
    assert health["second", "held_out_since"][0] == "warn"


def test_a_system_that_contradicts_itself_is_heard(built, units, people, health):
    said = collections.defaultdict(set)
    for key, user, arm in raw(built, "experiments/assignments", "experiment_key, identifier_value, arm_key"):
        said[key, int(user[1:])].add(arm)
    for key in ("outside", "lopsided"):
        several = sum(len(said[key, people[unit]]) > 1 for unit in units[key])
        status, statistic, _, detail = health[key, "several_assignments"]
        assert same(statistic, several / len(units[key])) and f" {several} were given more than one arm" in detail
        assert status == ("warn" if statistic > 0.01 else "pass")
    assert health["outside", "several_assignments"][1] > 0 == health["lopsided", "several_assignments"][1]


def test_covariates_are_compared_as_scipy_would(built, units, people, health):
    orders = collections.defaultdict(list)
    for user, at, amount in raw(built, "shop/orders", "user_id, ordered_at, order_amount"):
        orders[int(user[1:])].append((at, amount))
    for key, weights in WEIGHTS.items():
        values = collections.defaultdict(list)
        for unit, (arm, start) in units[key].items():
            within = [amount for at, amount in orders[people[unit]]
                      if start - datetime.timedelta(days=COVARIATE_DAYS) <= at < start]  # fmt: skip
            values["order_count", arm].append(len(within))
            values["revenue", arm].append(math.fsum(within))
        differences, p_values = [], []
        for metric in METRICS:
            control = values[metric, "control"]
            for arm in weights:
                if arm != "control":
                    spread = math.sqrt((np.var(values[metric, arm], ddof=1) + np.var(control, ddof=1)) / 2)
                    differences.append(abs(np.mean(values[metric, arm]) - np.mean(control)) / spread)
                    p_values.append(stats.ttest_ind(values[metric, arm], control, equal_var=False).pvalue)
        status, statistic, p_value, _ = health[key, "covariate_balance"]
        assert same(statistic, max(differences)) and same(p_value, min(1, min(p_values) * len(p_values))), key
        assert status == ("fail" if p_value < 0.001 else "warn" if p_value < 0.01 else "pass")
    assert health["lopsided", "covariate_balance"][0] == "fail" and health["second", "covariate_balance"][0] == "pass"


def test_a_failed_check_marks_every_result(built):
    rows = built.query("select distinct experiment_key, is_readable, failed_checks from main.experiment_results")
    assert {key: (readable, failed) for key, readable, failed in rows} == {
        "first": (True, None), "second": (True, None), "outside": (True, None), "lopsided": (False, "covariate_balance"),
    }  # fmt: skip
