"""The build driver: which steps it takes from which state, and the one line that it says where it cannot start.

dbt and the demo's generator are stood in for by functions that leave behind what the real ones do, so that every state
a run can be stopped in is tried. `make test` runs the real ones before these tests.
"""

import json
import os
import subprocess
import sys
import types

import duckdb
import pytest

from tools import build, dbt_build, project, publish, summary


class World:
    """A raw folder, a database, and stand-ins that write down how they are called."""

    def __init__(self, folder):
        self.raw, self.database = folder / "raw", folder / "out" / "tessera.duckdb"
        self.steps: list[str] = []
        self.failing: str | None = None
        self.outcome = dbt_build.Outcome(code=1)

    def mark(self, **marker) -> None:
        self.raw.mkdir(parents=True, exist_ok=True)
        standard = {"customers": 20_000, "seed": 7, "first_day": "2026-01-01", "launch": "2026-04-01", "chapters": []}
        marker = standard | marker
        (self.raw / "_demo.json").write_text(json.dumps(marker))

    def marker(self) -> dict:
        return json.loads((self.raw / "_demo.json").read_text())

    def has_ledger(self, rows: int = 1) -> None:
        self.database.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(str(self.database)) as connection:
            connection.execute("create or replace table main.experiment_assignments as select 1 as one limit ?", [rows])

    def python(self, *arguments: str, **_) -> int:
        assert arguments[:2] == ("-m", "tools.demo")
        options = dict(zip(arguments[2::2], arguments[3::2]))
        step = f"demo {options['--chapter']} of {options['--customers']}"
        self.steps.append(step)
        if self.failing == step:
            return 2
        before = self.marker()["chapters"] if (self.raw / "_demo.json").exists() else []
        self.mark(
            customers=int(options["--customers"]),
            first_day=options.get("--first-day", "2026-01-01"),
            chapters=sorted({*before, int(options["--chapter"])}),
        )
        return 0

    def dbt(self, *arguments: str) -> dbt_build.Outcome:
        step = " ".join(("dbt build", *arguments))
        self.steps.append(step)
        if self.failing == step:
            return self.outcome
        self.has_ledger()
        return dbt_build.Outcome()

    def publish(self, *places) -> str:
        assert places == (self.database, project.published(), project.manifest())
        self.steps.append("publish")
        if self.failing == "publish":
            raise publish.CannotPublish("Nothing was published: the disk is full.")
        return "Published."


LAUNCH_BUILD = 'dbt build --vars {"as_of": "2026-04-01"} --exclude-resource-type unit_test'
WHOLE_DEMO = ["demo 1 of 20000", LAUNCH_BUILD, "demo 2 of 20000", "dbt build", "publish", "summary"]


@pytest.fixture
def world(tmp_path, monkeypatch) -> World:
    world = World(tmp_path)
    monkeypatch.setenv("TESSERA_RAW", str(world.raw))
    monkeypatch.setenv("TESSERA_DATABASE", str(world.database))
    monkeypatch.setenv("DBT_LOG_PATH", str(tmp_path / "logs"))
    monkeypatch.delenv("TESSERA_DEMO_CUSTOMERS", raising=False)
    monkeypatch.setattr(project, "python", world.python)
    monkeypatch.setattr(dbt_build, "run", world.dbt)
    monkeypatch.setenv("TESSERA_PUBLISHED", str(tmp_path / "published" / "tessera.duckdb"))
    monkeypatch.setattr(publish, "publish", world.publish)
    monkeypatch.setattr(summary, "main", lambda: world.steps.append("summary"))
    return world


def own_records(world: World) -> None:
    folder = world.raw / "shop" / "orders"
    folder.mkdir(parents=True)
    duckdb.sql("select 1 as order_id").write_parquet(str(folder / "part.parquet"))


def run() -> int:
    """What the process would exit with."""
    try:
        return build.main()
    except SystemExit as leaving:
        return leaving.code


# --- Which steps are taken -------------------------------------------------------------------------------------------


def test_without_raw_files_the_demo_is_made_and_built_in_two_chapters(world):
    assert run() == 0
    assert world.steps == WHOLE_DEMO


def test_an_empty_folder_counts_as_none(world):
    (world.raw / "shop" / "orders").mkdir(parents=True)
    assert run() == 0
    assert world.steps == WHOLE_DEMO


def test_a_second_run_builds_and_makes_no_launch_again(world):
    run()
    world.steps.clear()
    assert run() == 0
    # The generator is asked and finds both chapters there.
    assert world.steps == ["demo 1 of 20000", "demo 2 of 20000", "dbt build", "publish", "summary"]


@pytest.mark.parametrize("stopped_at", WHOLE_DEMO[:-1])
def test_a_run_that_failed_anywhere_is_completed_by_the_next(world, stopped_at, capsys):
    world.failing = stopped_at
    assert run() != 0
    assert "summary" not in world.steps, "no summary of what an earlier build left"
    said = capsys.readouterr().out
    assert "line" in said or said.endswith("Nothing was published: the disk is full.\n")
    assert stopped_at == "publish" or "publish" not in world.steps, "what did not pass is not shown"
    world.failing = None
    world.steps.clear()
    assert run() == 0
    missing = WHOLE_DEMO[WHOLE_DEMO.index(stopped_at) :]
    assert [step for step in world.steps if step in missing] == missing


def test_a_demo_that_was_killed_while_it_was_made_is_made_again(world):
    world.mark(chapters=[])
    own_records(world)  # Half of the demo's files.
    assert run() == 0
    assert world.steps == WHOLE_DEMO


def test_an_empty_ledger_is_filled_at_the_launch_date(world):
    world.mark(chapters=[1])
    world.has_ledger(rows=0)
    assert run() == 0
    assert LAUNCH_BUILD in world.steps


def test_a_lost_database_is_built_from_the_launch_on(world):
    world.mark(chapters=[1, 2])
    assert run() == 0
    assert world.steps == WHOLE_DEMO


def test_the_demo_keeps_its_size(world, monkeypatch, capsys):
    world.mark(customers=500, first_day="2024-12-12", chapters=[1])
    monkeypatch.setenv("TESSERA_DEMO_CUSTOMERS", "700")
    assert run() == 0
    assert "demo 2 of 500" in world.steps
    assert world.marker()["first_day"] == "2024-12-12"
    assert "has 500 customers" in capsys.readouterr().out


def test_own_records_are_built_once(world):
    own_records(world)
    assert run() == 0
    assert world.steps == ["dbt build", "publish", "summary"]


@pytest.mark.parametrize("number", ["0", "99", "-5", "many", "1.5", ""])
def test_a_demo_of_no_size_is_refused(world, monkeypatch, capsys, number):
    monkeypatch.setenv("TESSERA_DEMO_CUSTOMERS", number)
    assert run() == 1
    assert capsys.readouterr().out.startswith("TESSERA_DEMO_CUSTOMERS is a whole number")
    assert world.steps == []


def test_the_exit_code_is_dbts(world, monkeypatch, capsys):
    own_records(world)
    world.failing, world.outcome = "dbt build", dbt_build.Outcome(code=2)
    assert run() == 2
    assert "The build failed." in capsys.readouterr().out
    assert world.steps == ["dbt build"]


def test_what_to_do_is_said_last(world, capsys):
    own_records(world)
    world.failing = "dbt build"
    world.outcome = dbt_build.Outcome(code=1, built=3, explanations=["assert_x: the weights sum to 0.9", "y: one row"])
    run()
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2:] == ["assert_x: the weights sum to 0.9", "y: one row"]
    assert lines[-3].startswith("Nothing is published at ")
    assert "What does not depend on it is built" in lines[-4]


def test_a_build_that_did_not_begin_claims_nothing(world, capsys):
    own_records(world)
    world.failing = "dbt build"
    run()
    said_of_it = capsys.readouterr().out
    assert "Nothing was built." in said_of_it and "is built" not in said_of_it


def test_a_damaged_raw_file_is_named(world, capsys):
    own_records(world)
    damaged = world.raw / "shop" / "orders" / "part [1]*.parquet"
    # A footer of zeros, of which DuckDB says no more than "Invalid data".
    damaged.write_bytes(b"PAR1" + bytes(100) + (100).to_bytes(4, "little") + b"PAR1")
    world.failing = "dbt build"
    run()
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "cannot be read" in line]
    assert line.startswith(f"The raw file {damaged} cannot be read (")


# --- make publish ----------------------------------------------------------------------------------------------------

AUDIT = "dbt build --resource-type test --exclude-resource-type unit_test"


def run_publish() -> int:
    try:
        return build.publish_what_is_built()
    except SystemExit as leaving:
        return leaving.code


def test_what_dbt_has_built_is_published_when_every_test_has_passed(world, capsys):
    world.has_ledger()
    assert run_publish() == 0
    assert world.steps == [AUDIT, "publish"]
    assert said(capsys) == "Published."


def test_nothing_is_published_after_a_test_that_failed(world, capsys):
    world.has_ledger()
    world.failing, world.outcome = AUDIT, dbt_build.Outcome(code=1, explanations=["assert_x: the weights sum to 0.9"])
    assert run_publish() == 1
    assert world.steps == [AUDIT]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("A test of what is built failed.")
    assert lines[1] == "Nothing was built. Put right what is named, then run `dbt build` and `make publish` again."
    assert lines[-1] == "assert_x: the weights sum to 0.9"
    assert not [line for line in lines if "make build" in line]


def test_without_a_database_there_is_nothing_to_publish(world, capsys):
    assert run_publish() == 1
    assert said(capsys) == f"There is no database {world.database}: run `make build`."
    assert world.steps == [] and not world.database.parent.exists()


def test_a_publication_that_fails_is_one_line(world, capsys):
    world.has_ledger()
    world.failing = "publish"
    assert run_publish() == 1
    assert said(capsys) == "Nothing was published: the disk is full."


def test_nothing_is_published_while_a_build_is_at_work(world, capsys):
    world.has_ledger()
    with build.claim(world.database):
        assert run_publish() == 1
    assert "Another `make build` is at work" in said(capsys)
    assert world.steps == []


def test_a_publication_that_is_stopped_says_what_readers_have(world, capsys, monkeypatch):
    world.has_ledger()

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(dbt_build, "run", interrupted)
    assert run_publish() == 130
    assert said(capsys).startswith("Stopped. Nothing is published at ")


# --- The raw folder --------------------------------------------------------------------------------------------------

MISPLACED = [
    "orders.parquet",
    "web_events.parquet",
    "orders/part-0.parquet",
    "raw/shop/orders/part-0.parquet",
    "shop/orders/day=1/part-0.parquet",
    "shop/orders.parquet",
    "shop/orders/part-0.csv",
]


@pytest.mark.parametrize("name", MISPLACED)
def test_files_in_another_layout_are_named_and_no_demo_is_made(world, capsys, name):
    file = world.raw / name
    file.parent.mkdir(parents=True)
    file.write_text("")
    assert run() == 1
    line = said(capsys)
    assert f"{world.raw} holds {name}, and no file" in line
    assert "<source>/<table>/*.parquet, e.g. web/events/part-0.parquet" in line
    assert world.steps == []


def test_files_that_are_not_read_are_noticed_beside_those_that_are(world, capsys):
    own_records(world)
    for number in range(5):
        (world.raw / f"extra_{number}.parquet").write_text("")
    (world.raw / "notes.txt").write_text("")
    (world.raw / "_private").mkdir()
    (world.raw / "_private" / "x.parquet").write_text("")
    assert run() == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("notice: ")]
    assert line.endswith("extra_0.parquet, extra_1.parquet, extra_2.parquet and 2 more")
    assert world.steps == ["dbt build", "publish", "summary"]


def test_a_raw_folder_that_was_named_and_does_not_exist_is_told_of_first(world, capsys):
    assert run() == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith(f"TESSERA_RAW names {world.raw}, which does not exist: making a demo")


def test_an_empty_raw_folder_is_asked_for_nothing(world, capsys):
    world.raw.mkdir()
    assert run() == 0
    assert capsys.readouterr().out.startswith(f"No raw files in {world.raw}: making a demo")


def test_no_demo_is_made_where_not_even_the_parent_exists(world, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("TESSERA_RAW", str(tmp_path / "no" / "such"))
    assert run() == 1
    line = said(capsys)
    assert str(tmp_path / "no" / "such") in line and f"{tmp_path / 'no'} exists" in line
    assert world.steps == []
    assert not (tmp_path / "no").exists()


def test_a_demo_that_was_not_made_leaves_the_database_free(world, capsys, monkeypatch, tmp_path):
    world.failing = "demo 1 of 20000"
    assert run() == 2
    monkeypatch.setenv("TESSERA_RAW", str(tmp_path / "own"))
    world.raw = tmp_path / "own"
    own_records(world)
    assert run() == 0


# --- One line where it cannot start ----------------------------------------------------------------------------------


def said(capsys) -> str:
    (line,) = capsys.readouterr().out.splitlines()
    return line


@pytest.mark.parametrize("own_first", [True, False])
def test_a_database_of_the_demo_and_one_of_own_records_are_kept_apart(world, own_first, capsys, monkeypatch, tmp_path):
    if own_first:
        own_records(world)
    run()
    monkeypatch.setenv("TESSERA_RAW", str(tmp_path / "other"))
    if not own_first:
        world.raw = tmp_path / "other"
        own_records(world)
    world.steps.clear()
    capsys.readouterr()
    assert run() == 1
    line = said(capsys)
    assert str(world.database) in line and "TESSERA_DATABASE" in line
    assert world.steps == []


def test_a_database_that_another_process_holds(world, capsys):
    own_records(world)
    world.has_ledger()
    holder = subprocess.Popen(
        [sys.executable, "-c", "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); input()",
         str(world.database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        holder.stdout.readline()
        assert run() == 1
        line = said(capsys)
    finally:
        holder.communicate(b"\n")
    assert str(world.database) in line and str(holder.pid) in line and "open in another process" in line
    assert world.steps == []


def test_a_file_that_is_no_database(world, capsys):
    world.database.parent.mkdir(parents=True)
    world.database.write_text("hello " * 5000)
    assert run() == 1
    assert "is not a valid DuckDB database file" in said(capsys)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(world, capsys):
    world.database.parent.mkdir(parents=True)
    world.database.parent.chmod(0o500)
    assert run() == 1
    assert "read-only for this user" in said(capsys)


def test_a_folder_that_says_it_cannot_be_written(world, capsys, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert run() == 1
    assert "read-only for this user" in said(capsys)


def test_a_folder_that_cannot_be_made(world, capsys, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TESSERA_DATABASE", str(tmp_path / "file" / "tessera.duckdb"))
    assert run() == 1
    assert "cannot be made" in said(capsys)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ('IO Error: Could not set lock on file "x": Conflicting lock is held in /usr/bin/dbt (PID 7). See', "process id 7"),
        ('IO Error: Could not set lock on file "x"', "open in another process"),
        ('IO Error: Cannot open file "x": Permission denied', "read-only"),
        ('IO Error: Cannot open file "x": Read-only file system', "read-only"),
        ("IO Error: Could not write file: No space left on device", "is full"),
        ("Something\nelse", "cannot be opened: Something else"),
    ],
)  # fmt: skip
def test_what_duckdb_says_becomes_one_line(message, words, tmp_path):
    line = project.one_line(duckdb.IOException(message), tmp_path)
    assert words in line and str(tmp_path) in line and "\n" not in line


def test_a_full_disk_is_named(world, monkeypatch, capsys):
    own_records(world)
    world.failing = "dbt build"
    monkeypatch.setattr(build.shutil, "disk_usage", lambda _: types.SimpleNamespace(free=1000))
    assert run() == 1
    assert "The disk is full" in capsys.readouterr().out


# --- The summary -----------------------------------------------------------------------------------------------------

MARTS_SHOWN = ["customers", "rejected_rows", "segment_sizes", "holdout_members", "experiment_results", "experiment_readouts"]
MARTS = """
    create schema main_intermediate;
    create table main_intermediate.int_as_of as select timestamp '2026-05-01' as as_of;
    create table customers as select i % 3 > 0 as is_known from range(1200) as t (i);
    create table rejected_rows as select 'web/events' as source_table, 'null_key' as reason from range(4);
    create table segment_sizes as
        select
            'a_segment_with_quite_a_long_name/' || i || '@30d' as segment_id, date '2026-05-01' as as_of_date,
            100 * i as member_count, case when i < 2 then 'too_small' when i < 12 then 'ok' else 'too_large' end
                as size_status
        from range(15) as t (i);
    create table holdout_members as
        select 'everything' as holdout_key, null as segment_id, 'customer' as unit_type, 'u' || i as unit_id from range(60) as t (i)
        union all select 'carts', 'cart_abandoners', 'account', 'a1';
    create table experiment_health as
        select 'cart_recovery' as experiment_key, 'sample_ratio' as check_name, 'fail' as status;
    create table experiments as
        select
            'cart_recovery' as experiment_key, 'purchase_rate' as primary_metric_key, 28 as outcome_window_days,
            timestamp '2026-04-01' as starts_at, 'running' as status;
    create table experiment_arms as
        from (values ('cart_recovery', 'control', true), ('cart_recovery', 'reminder', false))
            as t (experiment_key, arm_key, is_control);
    create table experiment_assignments as
        select
            'cart_recovery' as experiment_key, 'u' || i as unit_id,
            case when i < 1000 then 'control' else 'reminder' end as arm_key, timestamp '2026-04-01' as assigned_at
        from range(1999) as t (i);
    create table experiment_unit_outcomes as
        select *, true as is_mature, metric_key
        from experiment_assignments cross join (values ('purchase_rate'), ('revenue')) as t (metric_key);
    create table experiment_results as
        select
            'cart_recovery' as experiment_key, 'reminder' as arm_key, metric_key, 'itt' as method, 'all' as slice,
            0.1 as control_mean, 0.123 as treatment_mean, lift as relative_lift, lift - 0.2 as relative_ci_low,
            lift + 0.2 as relative_ci_high, 0.04 as p_value, 0.0001 as p_value_adjusted, 1000 as control_units, 999 as treatment_units
        from (values ('purchase_rate', 0.23), ('revenue', null), ('far_off', 3.0)) as t (metric_key, lift);
    create table experiment_readouts as
        select
            'cart_recovery' as experiment_key, 'reminder' as arm_key, metric_key, metric_key = 'orders' as is_primary,
            'too_early' as verdict, 'The last window of ' || metric_key || ' is open; ' || repeat('much is said, ', 12) as reason
        from (values ('orders'), ('revenue')) as t (metric_key);
"""


@pytest.fixture
def printed(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TESSERA_DATABASE", str(tmp_path / "tessera.duckdb"))
    monkeypatch.setenv("TESSERA_RAW", str(tmp_path))

    def summarise(*statements: str) -> str:
        with duckdb.connect(str(tmp_path / "tessera.duckdb")) as connection:
            for statement in statements:
                connection.execute(statement)
        assert summary.main() == 0
        text = capsys.readouterr().out
        assert all(len(line) <= summary.WIDTH for line in text.splitlines()), text
        return text

    return summarise


def test_the_summary_says_what_was_built(printed):
    text = printed(MARTS)
    assert "as of 2026-05-01 00:00 UTC" in text
    assert "Customers: 1,200 (800 known, 400 anonymous visitors)" in text
    assert "Rejected rows: 4 (null_key 4)" in text
    assert "Segments with members: 14 (1 too_small, 10 ok, 3 too_large); the largest:" in text
    assert "Families without a member: a_segment_with_quite_a_long_name/0@30d\n" in text
    assert "Held out: carts (cart_abandoners) 0 customers and 1 account; everything 60 customers and 0 accounts\n" in text
    assert "paused" not in text
    assert text.count("  a_segment_with_quite_a_long_name/") == 10, "the ten largest"
    assert "cart_recovery: 999 treated (reminder), 1,000 control; sample ratio fail" in text
    assert "+23.0 % [+3.0 %, +43.0 %] <0.001" in " ".join(text.split())
    (revenue,) = [line for line in text.splitlines() if "revenue" in line]
    assert revenue.split() == ["revenue", "0.1000", "0.1230", "-", "-", "<0.001"], "a null is a dash"
    (primary,) = [line for line in text.splitlines() if "purchase_rate" in line]
    assert primary.startswith("  purchase_rate *  ")
    assert text.index("purchase_rate *") < text.index("far_off"), "the metric that decides stands first"
    assert "*: the metric that decides. p adj.: p after Benjamini-Hochberg" in text
    assert "assigned" not in text and "turned out" not in text, "all who were assigned are measured"
    assert "  cart_recovery (reminder): too early. The last window of orders is open; much is said," in text
    assert text.index("Verdicts on the metric that decides:") < text.index("Experiments, by intention to treat:")
    assert "last window of revenue" not in text, "one metric decides"
    assert "proves nothing" in text
    assert "planted" not in text, "real records have no planted truth"


def test_a_pause_and_no_holdout_are_told(printed):
    text = printed(MARTS, "update experiments set status = 'paused'; delete from holdout_members")
    assert "sample ratio fail\n  enrolment is paused\n" in text
    assert "Held out: nobody\n" in text


def test_one_visitor_is_one(printed):
    one = printed(MARTS, "delete from customers; insert into customers values (true), (false)")
    assert "Customers: 2 (1 known, 1 anonymous visitor)" in one


def test_units_whose_window_is_open_are_told_of(printed):
    text = printed(MARTS, "update experiment_unit_outcomes set is_mature = false where unit_id in ('u1', 'u1500', 'u1501')")
    assert "cart_recovery: 997 treated (reminder), 999 control; sample ratio fail" in text
    assert "3 more are assigned; their outcome windows are not complete" in text


def test_an_experiment_without_a_complete_window_shows_who_is_assigned_and_when(printed):
    text = printed(MARTS, "update experiment_unit_outcomes set is_mature = false")
    assert "cart_recovery: assigned 999 (reminder), 1,000 control; sample ratio fail" in text
    assert "no outcome window is complete; the first is on 2026-04-29" in text
    assert "treated" not in text and "purchase_rate" not in text


def test_units_that_are_one_person_are_told_of(printed):
    text = printed(MARTS, "delete from experiment_unit_outcomes where unit_id = 'u7'")
    assert "cart_recovery: 999 treated (reminder), 999 control" in text
    assert "1,999 were assigned; those that turned out to be one person count once" in text


def test_no_experiment_none_started_and_no_unit_are_three_things(printed):
    assert "cart_recovery: no unit is assigned yet (reminder)" in printed(
        MARTS, "delete from experiment_assignments; delete from experiment_unit_outcomes"
    )
    assert "Experiments: 1 defined, none has started; the first does on 2026-04-01" in printed(
        "delete from experiment_results"
    )
    assert "Experiments: none is defined\n" in printed("delete from experiments")


def test_who_reads_only_the_head_sees_no_traceback(printed, tmp_path):
    printed(MARTS)
    script = "import sys\nfrom tools import summary\nsys.exit(summary.main())"
    process = subprocess.Popen([sys.executable, "-c", script], cwd=project.ROOT, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)  # fmt: skip
    process.stdout.close()
    assert process.stderr.read() == b"" and process.wait() == 0


def test_the_summary_shows_the_planted_truth_of_a_demo(printed, tmp_path):
    (tmp_path / "_demo.json").write_text("{}")
    (tmp_path / "_truth").mkdir()
    duckdb.sql(
        "select 'cart_recovery' as experiment_key, 'reminder' as arm_key, metric_key, 0.23 as planted_relative_lift "
        "from (values ('purchase_rate'), ('far_off')) as t (metric_key)"
    ).write_parquet(str(tmp_path / "_truth" / "planted_effects.parquet"))
    lines = {line.split()[0].rstrip("*"): line.split() for line in printed(MARTS).splitlines() if line.strip()}
    assert lines["purchase_rate"][-3:] == ["+23.0", "%", "yes"]
    assert lines["far_off"][-3:] == ["+23.0", "%", "no"]
    assert lines["revenue"][-2:] == ["-", "-"]


@pytest.mark.parametrize("missing", MARTS_SHOWN)
def test_a_mart_that_is_missing_is_a_sentence(printed, missing):
    assert ": not built yet" in printed(MARTS, f"drop table {missing}")
    assert ": not built yet" in printed(f"create table {missing} as select 'of another version' as one")


@pytest.mark.parametrize("emptied", [*MARTS_SHOWN, "experiment_health"])
def test_an_empty_mart_is_no_error(printed, emptied):
    printed(MARTS, f"delete from {emptied}")


def test_an_empty_database_is_no_error(printed):
    assert printed("select 1").count("not built yet") == 7


def test_no_database_is_a_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TESSERA_DATABASE", str(tmp_path / "none.duckdb"))
    assert summary.main() == 1
    assert "make build" in said(capsys)
