"""What people run by hand, and the tests that tell them to."""

import duckdb
import pytest

LEDGER = "main.experiment_assignments"
LOG = "main_intermediate.int_experiment_ledger_log"


@pytest.fixture
def built(project):
    """A ledger with two units of an experiment that the seeds know, and three of one that left them."""
    project.write("web/events", [{"event_id": "e1", "event_name": "page_viewed"}])
    project.build("+experiment_assignments", tests=False)
    with duckdb.connect(str(project.database)) as connection:
        for key, units in (("cart_recovery", 2), ("trial_run", 3)):
            connection.execute(
                f"""
                insert into {LEDGER} (experiment_key, unit_type, unit_id, arm_key, is_control, assigned_at)
                select ?, 'customer', 'c_' || i, 'control', true, timestamp '2026-03-01' from range(?) as units (i)
                """,
                [key, units],
            )
        connection.execute(f"insert into {LOG} values ('trial_run', 'control', 'erased', -1, 7, now()::timestamp)")
    return project


def units(project):
    return dict(project.query(f"select experiment_key, count(*) from {LEDGER} group by experiment_key"))


def forget(project, key):
    return project.dbt("run-operation", "forget_experiment", "--args", f"{{experiment_key: {key}}}")


def test_an_experiment_that_left_the_seeds_is_told_of_and_can_be_forgotten(built, capfd):
    check = ("test", "--select", "assert_ledger_experiments_are_defined")
    assert not built.dbt(*check).success
    said = capfd.readouterr().out
    assert "trial_run has 3 assigned units and is no row of seeds/experiments.csv" in said
    assert "forget_experiment --args '{experiment_key: trial_run}'" in said
    assert "cart_recovery" not in said

    assert forget(built, "trial_run").success
    assert "3 units of trial_run left the ledger" in capfd.readouterr().out
    assert units(built) == {"cart_recovery": 2}
    assert built.query(f"select * from {LOG}") == []
    assert built.dbt(*check).success


def test_only_what_the_seeds_do_not_define_is_forgotten(built):
    refused = {"cart_recovery": "still stands in seeds/experiments.csv", "trial_rnu": "no unit in the ledger", "o'x": "no unit"}
    for key, said in refused.items():
        result = built.dbt("run-operation", "forget_experiment", "--args", f'{{experiment_key: "{key}"}}')
        assert not result.success
        assert said in str(result.exception or result.result.results[0].message)
    assert units(built) == {"cart_recovery": 2, "trial_run": 3}


def test_an_unknown_event_name_is_counted_in_a_warning(project, capfd):
    project.write("web/events", [
        {"event_id": f"e{i}", "event_name": name} for i, name in enumerate(["page_viewed", "page_veiwed", "page_veiwed"])
    ])
    project.build("+stg_web__events", "event_types", "assert_event_names_are_known")
    said = capfd.readouterr().out
    assert "2 events are named page_veiwed, which is no row of seeds/event_types.csv" in said
    assert "named page_viewed" not in said
