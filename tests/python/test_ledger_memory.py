"""What the ledger and the plans remember: lost, edited and added rows are noticed, whatever ends a run, and an experiment
that has units keeps its plan.

One warehouse is built; each case is tried on a copy of its database.
"""

import datetime
import os
import shutil
import signal

import duckdb
import pytest
from warehouse import Warehouse, seed

FIRST, SECOND, PAST = "2026-03-02", "2026-03-09", "2026-03-05"
LEDGER, LOG = "main.experiment_assignments", "main_intermediate.int_experiment_ledger_log"
PLANS = "main_intermediate.int_experiment_plans"
CHANGES = "main_intermediate.int_experiment_plan_changes"
WHOLE, UNCHANGED = "assert_ledger_is_whole", "assert_begun_experiments_are_unchanged"
USERS = 120
ATTRIBUTES = ("lifecycle_stage", "loyalty_tier", "country_code", "preferred_device")
MARCH = datetime.datetime(2026, 3, 1)

# experiment: (segment_id, assignment_source, layer_key, layer_from, layer_to, starts_at, ends_at)
EXPERIMENTS = {
    "running": ("", "hashed", "site", 0, 0.5, "2026-03-01", "2026-04-01"),
    "paused": ("", "hashed", "site", 0.5, 1, "2026-03-01", "2026-04-01"),
    "ended": ("", "hashed", "email", 0, 1, "2026-03-01", "2026-03-08"),
    "empty": ("trial_power_users", "hashed", "banner", 0, 1, "2026-03-01", "2026-04-01"),
    "planned": ("", "hashed", "banner", 0, 0.5, "2026-04-01", "2026-05-01"),
    "outside": ("", "external", "", "", "", "2026-03-01", "2026-04-01"),
}


def experiments(**changes):
    """The rows of the seed; changes={experiment: {column: value}}."""
    return [
        dict(experiment_key=key, hypothesis="x", segment_id=segment, unit_type="customer", assignment_source=source,
             layer_key=layer, layer_from=low, layer_to=high, starts_at=start, ends_at=end, outcome_window_days=5,
             covariate_window_days=7, primary_metric_key="order_count", planned_relative_lift=0.1, alpha=0.05, power=0.8)
        | changes.get(key, {})
        for key, (segment, source, layer, low, high, start, end) in EXPERIMENTS.items()
    ]


def arms(**weights):
    """The rows of the seed: control and offer, half and half, unless the experiment is given others."""
    return [
        dict(experiment_key=key, arm_key=arm, is_control=str(arm == "control").lower(), weight=weight)
        for key in EXPERIMENTS
        for arm, weight in weights.get(key, {"control": 0.5, "offer": 0.5}).items()
    ]


def seeds(**rows):
    rows = {"experiments": experiments(), "experiment_arms": arms()} | rows
    return seed(
        experiment_metrics=[
            dict(experiment_key=key, metric_key=metric) for key in EXPERIMENTS for metric in ("order_count", "revenue")
        ],
        experiment_stages=[
            dict(experiment_key="paused", starts_at="2026-03-01", traffic_share=1),
            dict(experiment_key="paused", starts_at="2026-03-08", traffic_share=0),
        ],
        holdouts=[],
        **rows,
    )


@pytest.fixture(scope="module")
def begun(tmp_path_factory, parsed_with_tests):
    environment, manifest = parsed_with_tests
    warehouse = Warehouse(tmp_path_factory.mktemp("begun"), manifest, environment, seeds=seeds())
    warehouse.write("web/events", [
        {"event_id": f"e{number}", "event_name": "page_viewed", "user_id": f"u{number}",
         # Two thirds before the first build, the others between it and the second.
         "occurred_at": datetime.datetime(2026, 2, 20 if number % 3 else 28, 1) + datetime.timedelta(days=0 if number % 3 else 6)}
        for number in range(USERS)
    ])
    warehouse.write("experiments/assignments", [
        {"experiment_key": "outside", "identifier_value": f"u{number}", "arm_key": ("control", "offer")[number % 2]}
        for number in range(0, USERS, 4)
    ] + [
        # A second arm, and what the seeds do not know.
        {"experiment_key": "outside", "identifier_value": "u0", "arm_key": "offer", "assigned_at": MARCH + datetime.timedelta(1, 60)},
        {"experiment_key": "outside", "identifier_value": "u1", "arm_key": "third"},
        {"experiment_key": "outside", "identifier_value": "acc", "identifier_type": "account_id", "unit_type": "account",
         "arm_key": "control"},
        {"experiment_key": "running", "identifier_value": "u1", "arm_key": "control"},
        *({"experiment_key": "later", "identifier_value": f"u{number}", "arm_key": "control"} for number in range(5)),
    ])
    without_tests = ("--exclude-resource-type", "test", "unit_test")
    for day in (FIRST, SECOND):
        result = warehouse.dbt("build", *without_tests, "--select", "+experiment_health", "+rejected_rows", "--vars", f"{{as_of: '{day}'}}")
        assert result.success, warehouse.problems(result)
    return warehouse


@pytest.fixture
def copy(begun, tmp_path, parsed_with_tests):
    """Makes a copy of the warehouse with the seeds that a case asks for."""
    environment, manifest = parsed_with_tests

    def make(**rows):
        made = Warehouse(tmp_path, manifest, environment, seeds=seeds(**rows), raw=begun.raw)
        shutil.copy(begun.database, made.database)
        return made

    return make


def run(warehouse, *selection, command="build", day=SECOND, arguments=()):
    return warehouse.dbt(command, "--select", *selection, "--vars", f"{{as_of: '{day}'}}", *arguments)


def change(warehouse, *statements):
    with duckdb.connect(str(warehouse.database)) as connection:
        for statement in statements:
            connection.execute(statement)


def memory(warehouse):
    """Everything that a refused or repeated run must leave as it is."""
    return {
        table: sorted(warehouse.query(f"select columns(*)::text from {table}"), key=str)
        for table in (LEDGER, LOG, PLANS, "main.experiments", "main.experiment_arms")
    }


def balance(warehouse):
    """{(experiment, arm): (units of the log, units of the ledger)}"""
    return {
        (key, arm): (logged, held)
        for key, arm, logged, held in warehouse.query(f"""
            select experiment_key, arm_key, sum(logged), sum(held)
            from (
                select experiment_key, arm_key, unit_count as logged, 0 as held from {LOG}
                union all
                select experiment_key, arm_key, 0, 1 from {LEDGER}
            )
            group by all
        """)
    }


# ---- The ledger and its log -------------------------------------------------------------------------------------


def test_the_log_knows_what_each_build_assigned(begun):
    units = balance(begun)
    assert {key for key, _ in units} == {"running", "paused", "ended", "outside"}
    assert all(logged == held > 0 for logged, held in units.values())
    runs = begun.query(f"select experiment_key, count(distinct logged_at) from {LOG} group by experiment_key order by 1")
    assert dict(runs)["running"] == 2, "both builds assigned someone"
    assert {cause for (cause,) in begun.query(f"select distinct cause from {LOG}")} == {"assigned"}


FIRST_OF_ARM = f"select min(unit_id) from {LEDGER} where experiment_key = 'running' and arm_key = 'offer'"
DAMAGE = {
    "lost": (f"delete from {LEDGER} where experiment_key = 'running' and unit_id in ({FIRST_OF_ARM})", "rows were lost"),
    "all lost": (f"delete from {LEDGER} where experiment_key = 'running'", "rows were lost"),
    "added": (
        f"insert into {LEDGER} by name select * replace ('c_new' as unit_id) from {LEDGER}"
        f" where experiment_key = 'running' and unit_id in ({FIRST_OF_ARM})", "rows were added by hand",
    ),
    "arm": (
        f"update {LEDGER} set arm_key = 'control' where experiment_key = 'running' and unit_id in ({FIRST_OF_ARM})",
        "experiment running, arm control has",
    ),
    "control": (f"update {LEDGER} set is_control = true where experiment_key = 'running' and arm_key = 'offer'", "rows were edited"),
    "time": (
        f"update {LEDGER} set assigned_at = assigned_at + interval 1 microsecond where experiment_key = 'running'"
        f" and unit_id in ({FIRST_OF_ARM})", "rows were edited",
    ),
    "unit": (
        f"update {LEDGER} set unit_id = 'c_other' where experiment_key = 'running' and unit_id in ({FIRST_OF_ARM})",
        "rows were edited",
    ),
    "segment": (f"update {LEDGER} set segment_id = 's' where experiment_key = 'running' and unit_id in ({FIRST_OF_ARM})", "edited"),
    "attribute": (
        f"update {LEDGER} set loyalty_tier = 'gold' where experiment_key = 'running' and unit_id in ({FIRST_OF_ARM})", "edited",
    ),
    "attribute forgotten": (
        f"update {LEDGER} set lifecycle_stage = null where experiment_key = 'running' and unit_id in ({FIRST_OF_ARM})", "edited",
    ),
    "fraction": (
        f"update {LEDGER} set hash_fraction = hash_fraction + 1e-9 where experiment_key = 'running' and arm_key = 'offer'"
        f" and unit_id in ({FIRST_OF_ARM})", "rows were edited",
    ),
    "table": (f"drop table {LEDGER}", "has 0 of the"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_ledger_stops_the_run(copy, damage):
    warehouse = copy()
    statement, said = DAMAGE[damage]
    change(warehouse, statement)
    before = warehouse.query(f"from {LOG} order by all")
    result = run(warehouse, "experiment_assignments", command="run")
    problems = warehouse.problems(result)
    assert not result.success and said in problems
    assert "experiment_assignments: experiment " in problems and "dbt run-operation accept_ledger" in problems
    assert warehouse.query(f"from {LOG} order by all") == before


@pytest.mark.parametrize("damage", ["lost", "table"])
def test_what_is_lost_for_good_can_be_accepted(copy, damage):
    warehouse = copy()
    change(warehouse, DAMAGE[damage][0])
    if damage == "lost":
        assert not run(warehouse, WHOLE, command="test").success
    lost = {"lost": ["running"], "table": ["ended", "outside", "paused", "running"]}[damage]
    for key in lost:
        accepted = warehouse.dbt("run-operation", "accept_ledger", "--args", f"{{experiment_key: {key}}}")
        assert accepted.success, warehouse.problems(accepted)
    again = run(warehouse, "experiment_assignments", WHOLE)
    assert again.success, warehouse.problems(again)
    assert all(logged == held for logged, held in balance(warehouse).values())
    noted = warehouse.query(f"select distinct experiment_key from {LOG} where cause = 'accepted' order by 1")
    assert [key for (key,) in noted] == lost
    # No sum is left that would say of a guess whether it is a row that went: that of who was drawn again is the only one.
    assert warehouse.query(f"select count(*) from {LOG} where experiment_key = 'running' and arm_key = 'offer'"
                           " and cause = 'assigned' and checksum is not null") == [(1,)]


def test_a_whole_ledger_has_nothing_to_accept(copy):
    warehouse = copy()
    for key in ("running", "no_such", "it's"):
        result = warehouse.dbt("run-operation", "accept_ledger", "--args", f'{{experiment_key: "{key}"}}')
        assert not result.success
        assert "there is nothing to accept" in str(result.exception or result.result.results[0].message)


@pytest.mark.parametrize(("day", "arguments"), [(SECOND, ()), (SECOND, ("--full-refresh",)), (PAST, ()), (PAST, ("--full-refresh",))])
def test_a_repeated_run_a_full_refresh_and_a_past_day_leave_the_memory_alone(copy, day, arguments):
    warehouse = copy()
    before = memory(warehouse)
    models = (
        "int_as_of", "int_experiment_ledger_log", "int_experiment_plans", "int_experiment_candidates+1",
        "int_experiment_external_assignments", "experiment_assignments",
    )
    result = run(warehouse, *models, command="run", day=day, arguments=arguments)
    assert result.success, warehouse.problems(result)
    assert memory(warehouse) == before


def test_a_ledger_from_before_the_log_is_taken_over_with_its_erasures(copy):
    warehouse = copy()
    change(
        warehouse,
        f"drop table {LOG}", f"drop table {PLANS} cascade",
        "create table main_intermediate.int_experiment_erasures (experiment_key text, arm_key text, unit_count bigint, erased_at timestamp)",
        "insert into main_intermediate.int_experiment_erasures values ('running', 'offer', 3, '2026-03-03')",
    )
    held = dict(warehouse.query(f"select arm_key, count(*) from {LEDGER} where experiment_key = 'running' group by 1"))
    result = run(
        warehouse, "int_experiment_ledger_log", "int_experiment_plans", "int_experiment_settings",
        "int_experiment_plan_changes", "experiment_assignments", "int_experiment_arm_counts", "int_experiment_ratio_checks",
        "experiment_health", WHOLE, UNCHANGED,
    )
    assert result.success, warehouse.problems(result)
    log = dict(warehouse.query(f"select cause, sum(unit_count) from {LOG} where experiment_key = 'running' group by cause"))
    assert log == {"found": sum(held.values()) + 3, "erased": -3}
    [(detail,)] = warehouse.query(
        "select detail from main.experiment_health where experiment_key = 'running' and check_name = 'sample_ratio'"
    )
    assert detail == f"units by arm: control {held['control']}, offer {held['offer'] + 3}"
    assert warehouse.query(f"select count(distinct experiment_key) from {PLANS}") == [(4,)]


def as_of_the_first_build(warehouse):
    """Statements that take out what the second build added: then a run has rows to add, and an experiment to begin."""
    return (
        f"delete from {LEDGER} where assigned_at >= '2026-03-03' or experiment_key = 'paused'",
        f"delete from {LOG} where logged_at > (select min(logged_at) from {LOG}) or experiment_key = 'paused'",
        f"delete from {PLANS} where experiment_key = 'paused'",
    )


def test_a_ledger_that_is_older_than_its_columns_gets_them_and_raises_no_alarm(copy):
    """The checksum is by the names of columns, and one without a value takes no part: the log of the earlier version still
    fits. Rows that were there have no attributes, those that the run adds do, and what is edited then is noticed."""
    warehouse = copy()
    change(warehouse, *as_of_the_first_build(warehouse))
    change(warehouse, *(f"alter table {LEDGER} drop column {name}" for name in ("stratum", *ATTRIBUTES)))
    texts = {name: f"{name}::text" for name, *_ in warehouse.query(f"describe {LEDGER}")}
    texts |= {name: f"floor({name} * 4294967296e0)::bigint::text" for name in ("hash_fraction", "arm_fraction")}
    row = " || ".join(f"coalesce('|{name}=' || {text}, '')" for name, text in texts.items())
    change(warehouse, f"delete from {LOG}", f"""
        insert into {LOG} by name
        select experiment_key, arm_key, 'assigned' as cause, count(*) as unit_count, timestamp '{FIRST}' as logged_at,
            sum(('0x' || md5({row})[:8])::bigint)::bigint as checksum
        from {LEDGER}
        group by experiment_key, arm_key
    """)  # fmt: skip
    assert run(warehouse, WHOLE, command="test").success
    [(earlier,)] = warehouse.query(f"select count(*) from {LEDGER}")

    result = run(warehouse, "int_experiment_draws", "experiment_assignments", command="run")
    assert result.success, warehouse.problems(result)
    assert {cause for (cause,) in warehouse.query(f"select distinct cause from {LOG}")} == {"assigned"}
    assert run(warehouse, WHOLE, command="test").success
    known, unknown = (" and ".join(f"{name} is {what}" for name in ATTRIBUTES) for what in ("not null", "null"))
    assert warehouse.query(f"select count(*) from {LEDGER} where {unknown}") == [(earlier,)]
    [(added, told)] = warehouse.query(
        f"select count(*), count(*) filter (where {known}) from {LEDGER} where assigned_at = '{SECOND}'"
    )
    assert added == told > 0
    again = memory(warehouse)
    assert run(warehouse, "int_experiment_draws", "experiment_assignments", command="run").success
    assert memory(warehouse) == again
    change(warehouse, f"update {LEDGER} set loyalty_tier = 'none' where experiment_key = 'running' and assigned_at < '{SECOND}'")
    assert not run(warehouse, WHOLE, command="test").success


def killed_at(warehouse, statement):
    """A run of the ledger in a process that is killed with kill -9 before its nth statement; whether it came so far."""
    process = os.fork()
    if not process:
        seen = 0

        def kill(event):
            nonlocal seen
            node = getattr(getattr(event.data, "node_info", None), "node_name", "")
            if event.info.name == "SQLQuery" and node == "experiment_assignments":
                seen += 1
                if seen == statement:
                    os.kill(os.getpid(), signal.SIGKILL)

        try:
            warehouse.dbt(
                "run", "--select", "int_as_of", "int_experiment_draws", "experiment_assignments",
                "--vars", f"{{as_of: '{SECOND}'}}", callbacks=[kill],
            )
        finally:
            os._exit(0)
    _, status = os.waitpid(process, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def test_a_run_that_is_killed_between_any_two_statements_leaves_nothing_behind(copy, begun):
    """Of a warehouse as it was after the first build, so that the run has rows to add, and an experiment to begin."""
    warehouse = copy()
    change(warehouse, *as_of_the_first_build(warehouse))
    shutil.copy(warehouse.database, warehouse.database.with_suffix(".before"))
    statement, kills = 0, 0
    while True:
        statement += 1
        if not killed_at(warehouse, statement):
            break
        kills += 1
        assert all(logged == held for logged, held in balance(warehouse).values()), statement
        begun_keys = set(warehouse.query(f"select distinct experiment_key from {LEDGER}"))
        assert set(warehouse.query(f"select distinct experiment_key from {PLANS}")) == begun_keys, statement
    assert kills > 8, "statements of the ledger"
    assert warehouse.query(f"select count(*) from {LEDGER}") == begun.query(
        f"select count(*) from {LEDGER} where experiment_key <> 'paused'"
    )
    assert run(warehouse, WHOLE, command="test").success


# ---- Arms from another system -----------------------------------------------------------------------------------


def refused(warehouse):
    rows = warehouse.query(
        "select row_key, reason from main.rejected_rows where source_table = 'experiments/assignments' order by all"
    )
    return [tuple(row) for row in rows]


def test_the_first_arm_holds_and_the_ratio_is_held_against_the_declared_weights(begun):
    """All units of `outside` were given control, which is no half."""
    given = begun.query(
        f"select arm_key, is_in_several_arms, count(*) from main_intermediate.int_experiment_external_assignments group by all order by 2"
    )
    assert given == [("control", False, USERS // 4 - 1), ("control", True, 1)]
    assert begun.query(f"select distinct arm_key from {LEDGER} where experiment_key = 'outside'") == [("control",)]
    health = "select status, detail from main.experiment_health where experiment_key = 'outside' and check_name = 'sample_ratio'"
    assert begun.query(health) == [("fail", f"units by arm: control {USERS // 4}, offer 0")]


def test_what_the_seeds_do_not_know_is_refused_until_they_do(begun, copy):
    known = [("outside|acc", "other_unit_type"), ("outside|u1", "unknown_arm"), ("running|u1", "hashed_experiment")]
    assert refused(begun) == [*((f"later|u{number}", "unknown_experiment") for number in range(5)), *known]
    later = experiments()[-1] | {"experiment_key": "later"}
    warehouse = copy(
        experiments=[*experiments(), later],
        experiment_arms=[*arms(), *(row | {"experiment_key": "later"} for row in arms() if row["experiment_key"] == "outside")],
    )
    result = run(
        warehouse, "experiments,resource_type:seed", "experiment_arms", "path:models/staging/experiments", "rejected_rows",
        "mart_experiments", "mart_experiment_arms", "int_experiment_external_assignments", "experiment_assignments",
        "rows_reconcile_stg_experiments__assignments*", arguments=ALONE,
    )
    assert result.success, warehouse.problems(result)
    assert refused(warehouse) == known
    assert warehouse.query(f"select count(*) from {LEDGER} where experiment_key = 'later'") == [(5,)]


# ---- Plans ------------------------------------------------------------------------------------------------------


SEED_TO_LEDGER = (
    # A folder is called experiments, too.
    "experiments,resource_type:seed", "experiment_arms", "int_experiment_settings", "int_experiment_plan_changes",
    "mart_experiments", "mart_experiment_arms", "experiment_assignments",
)
# Without the tests that are not named.
ALONE = ("--indirect-selection", "empty")
REFUSED = {
    "segment_id": "pricing_page_visitors",
    "unit_type": "account",
    "enrolment": "batch",
    "layer_key": "banner",
    "layer_from": 0.1,
    "layer_to": 0.4,
    "priority": 3,
    "starts_at": "2026-03-02",
    "outcome_window_days": 6,
    "covariate_window_days": 14,
    "primary_metric_key": "revenue",
    "alpha": 0.1,
    "stratify_by": "country_code",
    "hash_algorithm": "growthbook",
    "hash_attribute": "user_id",
    "salt": "another",
}


def lines(warehouse):
    return {(key, arm, setting): said for key, arm, setting, said in warehouse.query(f"from {CHANGES}")}


def test_every_change_of_a_begun_experiment_is_refused_and_nothing_is_written(copy, capfd):
    """The seeds' own rules, which some of these changes break too, are left out."""
    changed = {key: {"salt": "another"} for key in ("paused", "ended", "empty", "planned")}
    warehouse = copy(
        experiments=experiments(running=REFUSED, outside={"assignment_source": "hashed", "layer_key": "site"}, **changed),
        experiment_arms=arms(
            running={"control": 0.6, "offer": 0.4}, ended={"control": 0.5, "renamed": 0.5},
            paused={"control": 0.5, "offer": 0.25, "third": 0.25}, planned={"control": 0.9, "offer": 0.1},
        ),
    )
    before = memory(warehouse)
    result = run(warehouse, *SEED_TO_LEDGER, UNCHANGED, arguments=ALONE)
    assert not result.success
    status = {one.node.name: one.status for one in result.result.results}
    assert status[UNCHANGED] == "fail"
    assert {status[model] for model in ("mart_experiments", "mart_experiment_arms", "experiment_assignments")} == {"skipped"}
    assert memory(warehouse) == before

    said = lines(warehouse)
    assert set(said) == {
        *(("running", None, setting) for setting in REFUSED),
        ("running", "control", "weight"), ("running", "offer", "weight"),
        ("paused", None, "salt"), ("paused", "offer", "weight"), ("paused", "third", "weight"),
        ("ended", None, "salt"), ("ended", "offer", "weight"), ("ended", "renamed", "weight"),
        ("outside", None, "assignment_source"), ("outside", None, "layer_key"),
    }
    for (key, arm, setting), problem in said.items():
        assert f"{setting} of {f'arm {arm} of ' if arm else ''}experiment {key} " in problem
        assert "Put it back" in problem and "begin a new experiment_key" in problem
    assert " was control" not in str(said) and "salt of experiment running was running and is another" in str(said)
    assert "0.5 and is 0.6" in said["running", "control", "weight"]
    assert "seeds/experiment_stages.csv" in said["running", "control", "weight"]
    # A run without tests is stopped too, by the ledger itself.
    result = run(warehouse, "experiment_assignments", command="run")
    assert not result.success and "more such changes" in warehouse.problems(result)
    assert memory(warehouse) == before


def test_what_may_change_may_change(copy):
    free = {"hypothesis": "y", "ends_at": "2026-05-02", "planned_relative_lift": 0.2, "power": 0.9}
    # What an empty setting stands for may be written down.
    same = {"salt": "running", "enrolment": "always_on", "hash_algorithm": "md5", "hash_attribute": "unit_id"}
    warehouse = copy(
        experiments=experiments(
            running=free | same, planned={"salt": "new", "alpha": 0.01}, empty={"segment_id": "new_visitors", "salt": "new"}
        ),
        experiment_arms=arms(planned={"control": 0.8, "offer": 0.2}),
    )
    result = run(warehouse, *SEED_TO_LEDGER, UNCHANGED, arguments=ALONE)
    assert result.success, warehouse.problems(result)
    assert lines(warehouse) == {}
    assert warehouse.query("select power, hypothesis from main.experiments where experiment_key = 'running'") == [(0.9, "y")]
    # Their plans are those of the day on which they get units.
    assert warehouse.query(f"select count(*) from {PLANS} where experiment_key in ('planned', 'empty')") == [(0,)]


def test_a_forgotten_experiment_may_begin_anew(copy):
    rest = [row for row in experiments() if row["experiment_key"] != "ended"]
    warehouse = copy(experiments=rest, experiment_arms=[row for row in arms() if row["experiment_key"] != "ended"])
    assert run(warehouse, "experiments", "experiment_arms", command="seed").success
    assert warehouse.dbt("run-operation", "forget_experiment", "--args", "{experiment_key: ended}").success
    for table in (LEDGER, LOG, PLANS):
        assert warehouse.query(f"select count(*) from {table} where experiment_key = 'ended'") == [(0,)]
    assert run(warehouse, WHOLE, command="test").success
