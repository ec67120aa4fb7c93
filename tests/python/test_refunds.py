"""Orders that were cancelled or came back, by amounts worked out by hand. The contract says an order's status of today, and no
time at which it came back."""

import datetime

import pytest
from warehouse import seed

START = datetime.datetime(2026, 3, 1)
# (user, day of March, status, amount); day -9 is before the assignment.
ORDERS = {
    "o1": ("c1", 5, "completed", 40.0),
    "o2": ("c2", 6, "completed", 30.0),
    "o3": ("c2", -9, "returned", 10.0),
    "o4": ("t1", 3, "completed", 100.0),
    "o5": ("t1", 4, "returned", 60.0),
    "o6": ("t2", 5, "cancelled", 80.0),
}


class Shop:
    """Two units an arm, and the orders of today; `at` builds as of a day of March."""

    def __init__(self, warehouse):
        self.warehouse, self.orders = warehouse, dict(ORDERS)
        warehouse.write("experiments/assignments", [
            dict(experiment_key="refunds", identifier_value=user, assigned_at=START,
                 arm_key="control" if user < "t" else "treatment") for user in ("c1", "c2", "t1", "t2")
        ])  # fmt: skip

    def change(self, order, status, amount=None):
        user, day, _, before = self.orders[order]
        self.orders[order] = user, day, status, before if amount is None else amount

    def at(self, day):
        self.warehouse.write("shop/orders", [
            dict(order_id=key, user_id=user, ordered_at=START + datetime.timedelta(days=placed - 1), order_status=status,
                 order_amount=amount) for key, (user, placed, status, amount) in self.orders.items()
        ])  # fmt: skip
        self.warehouse.build("+experiment_results", as_of=f"2026-03-{day}")

    def means(self):
        """{metric: (control, treatment)}"""
        return {metric: means for metric, *means in self.warehouse.query(
            "select metric_key, control_mean, treatment_mean from main.experiment_results "
            "where method = 'itt' and slice = 'all'")}  # fmt: skip


@pytest.fixture(scope="module")
def shop(new_warehouse):
    return Shop(new_warehouse("refunds", seeds=seed(
        experiments=[dict(experiment_key="refunds", hypothesis="x", unit_type="customer", assignment_source="external",
                          starts_at="2026-03-01", ends_at="2026-03-02", outcome_window_days=14, covariate_window_days=14,
                          primary_metric_key="revenue", planned_relative_lift=0.1, alpha=0.05, power=0.8)],
        experiment_arms=[dict(experiment_key="refunds", arm_key=arm, is_control=str(arm == "control").lower(), weight=0.5)
                         for arm in ("control", "treatment")],
        experiment_metrics=[dict(experiment_key="refunds", metric_key=metric)
                            for metric in ("revenue", "order_count", "purchase_rate")],
        holdouts=[],
    )))  # fmt: skip


def test_orders_that_did_not_stay_count_for_nothing(shop):
    shop.at(16)
    assert shop.means() == {"revenue": [35, 50], "order_count": [1, 0.5], "purchase_rate": [1, 0.5]}
    covariates = shop.warehouse.column("select covariate_value from main.experiment_unit_outcomes")
    assert covariates == [0] * 12, "what came back from before the assignment is no covariate either"


def test_a_return_after_the_window_counts_until_the_experiment_has_finished(shop):
    shop.change("o4", "returned")
    shop.orders["o7"] = ("t1", 8, "completed", -20.0)
    shop.at(17)
    assert shop.means() == {"revenue": [35, 0], "order_count": [1, 0], "purchase_rate": [1, 0]}
    refused = shop.warehouse.query("select row_key, reject_reason from main_staging.base_shop__orders where order_id = 'o7'")
    assert refused == [("o7", "negative_amount")], "and takes nothing away"


def test_a_part_that_was_given_back_is_a_smaller_amount(shop):
    shop.change("o4", "completed", 70.0)
    shop.at(25)
    assert shop.means() == {"revenue": [35, 35], "order_count": [1, 0.5], "purchase_rate": [1, 0.5]}


def test_what_a_finished_experiment_showed_stays(shop):
    shop.change("o1", "returned")
    shop.at(26)
    assert shop.means() == {"revenue": [35, 35], "order_count": [1, 0.5], "purchase_rate": [1, 0.5]}
