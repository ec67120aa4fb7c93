"""Economics of experiments whose effect is planted, against other ways to the same figures: intervals by inverting the
test that they stand for, and how often they hold the truth."""

import csv
import math

import duckdb
import numpy as np
import pytest
from scipy import optimize, stats
from warehouse import seed

ALPHA = 0.05
# An arm's 400 units: 0.2 order without the treatment, 0.3 with it, for 50 on average. So 40 conversions and 2,000 of
# revenue are gained, and at a spend of 2,000 an arm pays exactly for itself.
UNITS, RATES, BASKET, SPEND = 400, {"control": 0.2, "a": 0.3}, 50, 2000
WORLDS = [f"world_{number:02}" for number in range(60)]
METRICS = {
    "bought": dict(aggregation="any"),
    "orders": dict(aggregation="count"),
    "money": dict(aggregation="sum", value_column="order_amount"),
}
# {experiment: {arm: orders of its units}}, each for 5: lifts that no interval stands beside, one of them of nothing.
BARE = {
    "one_unit": {"control": [0, 1, 2], "a": [3]},
    "one_unit_like_control": {"control": [0, 1, 2], "a": [1]},
    "nothing_varies": {"control": [1, 1, 1], "a": [2, 2]},
    "nobody": {"control": [1, 2, 0], "a": []},
}


@pytest.fixture(scope="module")
def planted():
    """{(experiment, metric, arm): values of units}. `counted` asks how often, and its effect is large."""
    generator = np.random.default_rng(20261122)
    found = {}
    for experiment in WORLDS:
        for arm, rate in RATES.items():
            bought = (generator.random(UNITS) < rate).astype(float)
            found[experiment, "bought", arm] = bought
            found[experiment, "money", arm] = bought * generator.gamma(4, BASKET / 4, UNITS)
    for arm, mean in (("control", 1.0), ("a", 1.6)):
        found["counted", "orders", arm] = generator.poisson(mean, 150).astype(float)
    for experiment, arms in BARE.items():
        for arm, orders in arms.items():
            found[experiment, "orders", arm] = np.array(orders, dtype=float)
            found[experiment, "money", arm] = 5 * np.array(orders, dtype=float)
    return found


@pytest.fixture(scope="module")
def warehouse(new_warehouse, planted, tmp_path_factory):
    keys = [*WORLDS, "counted", *BARE]
    plan = dict(hypothesis="x", unit_type="customer", assignment_source="external", starts_at="2026-02-01",
                ends_at="2026-02-10", outcome_window_days=14, covariate_window_days=14, planned_relative_lift=0.1,
                alpha=ALPHA, power=0.8)  # fmt: skip
    warehouse = new_warehouse("economics", seeds=seed(
        experiments=[plan | dict(experiment_key=key, primary_metric_key="bought" if key in WORLDS else "orders")
                     for key in keys],
        experiment_arms=[dict(experiment_key=key, arm_key=arm, is_control=str(arm == "control").lower(), weight=0.5)
                         for key in keys for arm in RATES],
        experiment_metrics=[dict(experiment_key=key, metric_key=metric)
                            for key, metric in sorted({key[:2] for key in planted})],
        metrics=[dict(metric_key=key, description=key, desired_direction="increase", source="orders") | how
                 for key, how in METRICS.items()],
        holdouts=[],
    ))  # fmt: skip
    warehouse.write("ads/campaigns", [dict(campaign_id=f"c-{key}", platform="x", experiment_key=key) for key in keys])
    deliveries = [dict(campaign_id=f"c-{key}", delivery_date=f"2026-02-0{day}", spend_amount=SPEND / 4)
                  for key in keys for day in (2, 3, 4, 5)]  # fmt: skip
    # After the last window: shown to everybody.
    deliveries += [dict(campaign_id="c-counted", delivery_date="2026-02-24", spend_amount=1e6)]
    warehouse.write("ads/daily_delivery", deliveries)
    # Before they end, since what a finished experiment showed is remembered.
    warehouse.build("+experiment_economics", as_of="2026-02-05")
    units = tmp_path_factory.mktemp("units") / "units.csv"
    with units.open("w", newline="") as file:
        csv.writer(file).writerows(
            (*key, f"{key[0]}-{key[2]}-{i}", float(value)) for key, values in planted.items() for i, value in enumerate(values)
        )
    with duckdb.connect(str(warehouse.database)) as connection:
        connection.execute(f"""
            insert into main.experiment_unit_outcomes
                (unit_type, is_control, assigned_at, outcome_ends_at, is_merged_across_arms, is_exposed, is_mature, covariate_value,
                 experiment_key, metric_key, arm_key, unit_id, outcome_value)
            select 'customer', arm_key = 'control', timestamp '2026-02-01', timestamp '2026-03-01', false, false, true, 0, *
            from read_csv('{units}', header = false, sample_size = -1,
                names = ['experiment_key', 'metric_key', 'arm_key', 'unit_id', 'outcome_value'])
        """)
    result = warehouse.dbt("run", "--select", "int_as_of", "mart_experiments", "int_experiment_caps+",
                           "int_experiment_unit_deviations+", "--exclude", "attribution_vs_incrementality",
                           "--vars", "{as_of: 2026-05-01}")  # fmt: skip
    assert result.success, warehouse.problems(result)
    return warehouse


@pytest.fixture(scope="module")
def economics(warehouse):
    columns = [row[0] for row in warehouse.query("select column_name from (describe main.experiment_economics)")]
    rows = [dict(zip(columns, row)) for row in warehouse.query("from main.experiment_economics")]
    return {row["experiment_key"]: row for row in rows}


def welch(t, c):
    """(lift, standard error, degrees of freedom)."""
    v_t, v_c = np.var(t, ddof=1) / len(t), np.var(c, ddof=1) / len(c)
    df = (v_t + v_c) ** 2 / (v_t**2 / (len(t) - 1) + v_c**2 / (len(c) - 1))
    return np.mean(t) - np.mean(c), math.sqrt(v_t + v_c), df


def newcombe(t, c):
    (low_t, high_t), (low_c, high_c) = (
        stats.binomtest(int(arm.sum()), len(arm)).proportion_ci(1 - ALPHA, method="wilson") for arm in (t, c)
    )
    lift = t.mean() - c.mean()
    return lift - math.hypot(t.mean() - low_t, high_c - c.mean()), lift + math.hypot(high_t - t.mean(), c.mean() - low_c)


def test_conversions_are_the_lift_over_all_treated_units(economics, planted):
    for key in WORLDS:
        t, c = (planted[key, "bought", arm] for arm in ("a", "control"))
        low, high = newcombe(t, c)
        row = economics[key]
        assert row["treated_units"] == UNITS and row["spend"] == SPEND
        found = [row[f"incremental_conversions{end}"] for end in ("", "_ci_low", "_ci_high")]
        assert found == pytest.approx([UNITS * (t.mean() - c.mean()), UNITS * low, UNITS * high], rel=1e-9)
        if low > 0:
            found = [row[f"cost_per_incremental_conversion{end}"] for end in ("", "_ci_low", "_ci_high")]
            assert found == pytest.approx([SPEND / UNITS / x for x in (t.mean() - c.mean(), high, low)], rel=1e-9)
        else:
            assert row["cost_per_incremental_conversion"] is None and "holds zero" in row["cost_reason"]
    assert 3 < sum(economics[key]["cost_reason"] is None for key in WORLDS) < len(WORLDS), "there are both"


def test_iroas_is_revenue_over_spend(economics, planted):
    for key in WORLDS:
        lift, error, df = welch(*(planted[key, "money", arm] for arm in ("a", "control")))
        reach = stats.t.ppf(1 - ALPHA / 2, df) * error
        found = [economics[key][f"iroas{end}"] for end in ("", "_ci_low", "_ci_high")]
        assert found == pytest.approx([UNITS / SPEND * x for x in (lift, lift - reach, lift + reach)], rel=1e-8)
        wanted = stats.norm.sf(SPEND, loc=UNITS * lift, scale=UNITS * error)
        assert economics[key]["break_even_probability"] == pytest.approx(wanted, rel=1e-8)


def test_a_lift_without_an_interval_costs_and_earns_nothing_that_is_known(warehouse, economics):
    assert warehouse.not_finite("main.experiment_economics", "main.experiment_readouts") == []
    for key in BARE:
        row = economics[key]
        assert row["is_complete"] and (row["spend"], row["spend_reason"]) == (SPEND, None), "the premise"
        figures = [name for name in row if name.startswith(("incremental", "cost_per", "iroas", "break"))]
        assert {name: row[name] for name in figures if row[name] is not None and name != "iroas_reason"} == {}
        assert row["cost_reason"] and row["cost_reason"] == row["iroas_reason"], key


def test_the_interval_of_the_cost_is_fiellers(economics, planted):
    """The costs that the test of `spend - cost * conversions = 0` does not refuse: where its p is alpha, looked for from the
    estimate on both sides; and Fieller's formula for a numerator without error."""
    t, c = (planted["counted", "orders", arm] for arm in ("a", "control"))
    lift, error, df = welch(t, c)
    conversions, spread = len(t) * lift, len(t) * error
    estimate = SPEND / conversions

    def gap(cost):
        return 2 * stats.t.sf(abs(SPEND - cost * conversions) / (cost * spread), df) - ALPHA

    row = economics["counted"]
    found = [row[f"cost_per_incremental_conversion{end}"] for end in ("", "_ci_low", "_ci_high")]
    inverted = [optimize.brentq(gap, estimate / 10, estimate, xtol=1e-12), optimize.brentq(gap, estimate, estimate * 10, xtol=1e-12)]
    assert found == pytest.approx([estimate, *inverted], rel=1e-8)
    g = (stats.t.ppf(1 - ALPHA / 2, df) * spread / conversions) ** 2
    assert g < 1 and inverted == pytest.approx([estimate * (1 - x * math.sqrt(g)) / (1 - g) for x in (1, -1)], rel=1e-8)
    assert row["spend"] == SPEND, "what was shown after the last window is nobody's cost"
    assert row["iroas"] is None and "no metric" in row["iroas_reason"]


def test_intervals_hold_what_was_planted(economics):
    """40 conversions, 2,000 of revenue and so an iroas of 1, in 95 of 100 worlds but for chance."""
    least = stats.binom.ppf(0.001, len(WORLDS), 1 - ALPHA)
    truth = {"incremental_conversions": UNITS * 0.1, "incremental_revenue": UNITS * 0.1 * BASKET, "iroas": 1}
    for name, value in truth.items():
        held = sum(economics[key][f"{name}_ci_low"] <= value <= economics[key][f"{name}_ci_high"] for key in WORLDS)
        print(f"{name}: {held} of {len(WORLDS)} intervals hold {value}")
        assert held >= least


def test_break_even_is_as_probable_as_it_says(economics):
    """Where an arm just pays for itself, every probability is as likely as any other."""
    assert stats.kstest([economics[key]["break_even_probability"] for key in WORLDS], "uniform").pvalue > 0.001


def test_the_long_window_is_welchs(warehouse):
    """Orders of 30 and 50 customers, spread over half a year: those within 84 days of the assignment count."""
    generator = np.random.default_rng(7)
    units, values = [], {"control": [], "a": []}
    with duckdb.connect(str(warehouse.database)) as connection:
        for arm, count in (("control", 30), ("a", 50)):
            for i in range(count):
                unit, orders = f"long-{arm}-{i}", [
                    (day, float(np.round(generator.gamma(2, 30), 2))) for day in generator.integers(0, 180, generator.integers(0, 6))
                ]  # fmt: skip
                units.append(unit)
                values[arm].append(sum(amount for day, amount in orders if day < 84))
                connection.execute(f"""
                    insert into main_intermediate.int_experiment_units (experiment_key, unit_id, arm_key, is_control, assigned_at)
                    values ('counted', '{unit}', '{arm}', {arm == 'control'}, timestamp '2026-02-01');
                    insert into main_intermediate.int_experiment_unit_customers values ('counted', '{unit}', '{unit}');
                    insert into main_intermediate.int_identity_map (identifier_id, customer_id) values ('{unit}', '{unit}');
                """)
                for day, amount in orders:
                    connection.execute(f"""
                        insert into main_intermediate.int_identifier_orders (identifier_id, ordered_at, is_completed, reporting_amount)
                        values ('{unit}', timestamp '2026-02-01' + to_days({day}), true, {amount})
                    """)
    result = warehouse.dbt("run", "--select", "int_experiment_long_lifts", "--vars", "{as_of: 2026-05-01}")
    assert result.success, warehouse.problems(result)
    (row,) = warehouse.query("""
        select treatment_units, control_units, absolute_lift, standard_error, ci_low, ci_high
        from main_intermediate.int_experiment_long_lifts where experiment_key = 'counted'
    """)  # fmt: skip
    lift, error, df = welch(values["a"], values["control"])
    reach = stats.t.ppf(1 - ALPHA / 2, df) * error
    assert row == pytest.approx((50, 30, lift, error, lift - reach, lift + reach), rel=1e-9)
