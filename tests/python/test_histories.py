"""The harness of random histories (tools/histories) on a short one, and that it sees what is wrong.

`make histories` plays long ones.
"""

import datetime
import re
from types import SimpleNamespace

import duckdb
import pytest

from tools.histories.harness import KINDS, Failed, History, Lab, differences, plan
from tools.histories.world import FIRST_RUN, WINDOW, World

# Its last run stands at the end of all outcome windows, so that every mart has rows.
SHORT = {"seed": 634, "runs": 4, "kills": 1}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return Lab(tmp_path_factory.mktemp("histories"))


def test_a_history_equals_its_rebuild(lab):
    history = History(lab, **SHORT, tests=False)
    for _ in history.play():
        pass
    assert history.comparisons and history.rows > 2_000
    public = {f"{node.schema}.{node.alias}" for node in lab.public()}
    assert len(public) > 20
    # A scorecard wants 20 members of a segment to learn from; a world has 80 people. test_replay has enough.
    assert {name for name in public if not lab.compared[name]} <= {"main.customer_lookalikes"}


def test_a_wrong_increment_is_found(lab):
    """What comes later than a newer row is lost."""
    name = "int_identifier_orders"
    kept, lab.manifest = lab.manifest, lab.manifest.deepcopy()
    node = lab.manifest.nodes[f"model.tessera.{name}"]
    node.config.materialized, node.config.incremental_strategy = "incremental", "append"
    node.raw_code += """
        {% if is_incremental() %} where ordered_at > (select max(ordered_at) from {{ this }}) {% endif %}
    """
    try:
        with pytest.raises(Failed, match="missing") as failure:
            list(History(lab, seed=1, runs=2, kills=0, tests=False).play())
    finally:
        lab.manifest = kept
    assert "main.customer_features" in str(failure.value)
    # The log of the ledger, which remembers what customers were like, stands before what that was made of.
    _, first = str(failure.value).split("in the order of the build: ")
    tables = [table for table in re.findall(r"'main_intermediate\.(\w+)'", first) if table != "int_experiment_ledger_log"]
    assert tables[0] == name


@pytest.mark.parametrize("left, right, words", [
    ("values (1, 0.3), (1, 0.3)", "values (1, 0.3), (1, 0.3)", []),
    ("values (1, 0.3)", "values (1, 0.3), (1, 0.3)", ["1 rows missing"]),
    ("values (1, null)", "values (1, null)", []),
    ("values (1, 0.3::double)", "values (1, 0.1::double + 0.2::double)", ["1 rows missing", "1 rows extra"]),
])
def test_rows_are_compared_as_multisets_and_to_the_last_digit(tmp_path, left, right, words):
    databases = [SimpleNamespace(path=tmp_path / f"{name}.duckdb") for name in ("one", "two")]
    for database, rows in zip(databases, (left, right)):
        with duckdb.connect(str(database.path)) as connection:
            connection.execute(f"create table rows as select * from ({rows}) as rows (key, figure)")
    node = SimpleNamespace(name="rows", schema="main", alias="rows")
    _, problems = differences(*databases, [node], datetime.datetime.now())
    assert bool(problems) == bool(words)
    assert all(word in problems[0] for word in words)


def test_a_plan_holds_every_kind_of_run_and_as_many_kills_as_asked():
    steps = plan(5, len(KINDS) + 2, 4)
    assert {step.kind for step in steps} >= set(KINDS) | {"first"}
    assert sum(len(step.kills) for step in steps) == 4
    assert steps[-1].is_compared and not any(step.is_compared and step.is_abandoned for step in steps)
    assert steps == plan(5, len(KINDS) + 2, 4) != plan(6, len(KINDS) + 2, 4)


def test_a_world_comes_within_the_window_with_every_hazard():
    def late(world):
        """How many events are read later than WINDOW after the newest that was received before."""
        newest, count = datetime.datetime.min, 0
        for visible_at, table, row in world.facts:
            received = row.get("received_at")
            # The year 2100 is refused, and says nothing of the window.
            if table == "web/events" and received and received < visible_at:
                count += received < newest - WINDOW if newest > datetime.datetime(2026, 1, 1) else 0
                newest = max(newest, received)
        return count

    world = World(1)
    assert [fact[2] for fact in world.facts] == [fact[2] for fact in World(1).facts]
    assert late(world) == 0 < late(World(1, beyond=True))
    events = [row for _, table, row in world.facts if table == "web/events"]
    assert len({row["event_id"] for row in events}) < len(events)
    assert any(row["received_at"] is None for row in events)
    assert any(row["event_name"] is None for row in events)
    times = [(row["occurred_at"], row["received_at"]) for row in events if row["occurred_at"] and row["received_at"]]
    assert any(received - occurred > datetime.timedelta(days=15) for occurred, received in times)
    tables = {table for visible_at, table, _ in world.facts if visible_at > FIRST_RUN}
    assert tables > {"privacy/erasure_requests", "crm/consents", "shop/orders", "crm/contacts"}
