"""`make doctor`: each thing that can be missing is named, and only what stops a build makes it fail."""

import csv
import fcntl
import importlib.metadata
import subprocess
import sys
import types

import duckdb
import pytest

from tools import build, doctor, project


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A raw folder and a database of the test's own."""
    monkeypatch.setenv("TESSERA_RAW", str(tmp_path / "raw"))
    monkeypatch.setenv("TESSERA_DATABASE", str(tmp_path / "tessera.duckdb"))
    monkeypatch.setenv("TESSERA_PUBLISHED", str(tmp_path / "published.duckdb"))
    monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path))
    monkeypatch.delenv("TESSERA_ERASURE_SALT", raising=False)
    return tmp_path


def put(place, table: str, query: str) -> None:
    folder = place / "raw" / table
    folder.mkdir(parents=True, exist_ok=True)
    duckdb.sql(query).write_parquet(str(folder / "part [1].parquet"))


def of_kind(kind: str) -> list[str]:
    return [text for found, text in doctor.findings() if found == kind]


def test_what_is_lost_is_said_of_every_table_of_the_contract():
    assert set(doctor.WITHOUT) == {f"{source}/{table}" for source, table in project.contract_tables()}


def test_an_empty_folder_is_no_fault(place, capsys):
    assert doctor.main() == 0
    said = capsys.readouterr().out
    assert "holds no file of the input contract: `make build` makes a demo there" in said
    assert "There is no profiles.yml; `make build` copies profiles.yml.example" in said
    assert said.endswith("\nNothing stands in the way of `make build`.\n")
    assert not (place / "tessera.duckdb").exists(), "it asks and changes nothing"


def test_a_column_that_breaks_the_contract_stops_and_names_its_file(place, capsys):
    put(place, "crm/accounts", "select 7 as account_id, 'Acme' as account_name")
    assert doctor.main() == 1
    said = capsys.readouterr().out
    assert "crm/accounts: column account_id: expected text, found INTEGER" in said and "part [1].parquet" in said
    assert "crm/accounts: column plan: expected text, found no such column" in said
    assert said.endswith("\n1 of these would stop a build.\n")
    assert "holds rows of crm/accounts 1." in said
    assert "web/events has no rows: no behaviour: almost every segment is empty." in said
    assert "crm/accounts has no rows" not in said


def test_a_file_that_is_none_is_named(place):
    put(place, "crm/accounts", "select 'a' as account_id")
    (place / "raw" / "crm" / "accounts" / "part-2.parquet").write_text("no parquet")
    (stop,) = of_kind("stop")
    assert stop.startswith("The raw file ") and "part-2.parquet cannot be read" in stop


def test_real_people_need_a_salt_and_experiments_of_their_own(place, monkeypatch):
    assert list(doctor.own_data_findings()) == []
    put(place, "crm/accounts", "select 'a' as account_id")
    notes = [text for _, text in doctor.own_data_findings()]
    assert notes[0].startswith("TESSERA_ERASURE_SALT is not set") and "cart_recovery" in notes[1]
    monkeypatch.setenv("TESSERA_ERASURE_SALT", "long and random")
    assert len(list(doctor.own_data_findings())) == 1


def test_every_experiment_of_the_seed_is_known_as_the_demos():
    with (project.ROOT / "seeds/experiments.csv").open(encoding="utf-8", newline="") as file:
        assert {row["experiment_key"] for row in csv.DictReader(file)} == doctor.DEMO_EXPERIMENTS


def test_files_without_rows_are_asked_what_a_build_asks(place):
    put(place, "crm/accounts", "select 7 as account_id where false")
    (stop,) = of_kind("stop")
    assert "crm/accounts: column account_id: expected text, found INTEGER" in stop
    assert not [text for text in of_kind("note") if "makes a demo" in text]


def test_a_variable_out_of_range_stops_the_demo_too(place, monkeypatch):
    ran = []

    def refuse(command, **_):
        ran.append(command)
        event = '{"info": {"level": "error", "msg": "dbt failed\\n  min_size: 0"}}'
        return types.SimpleNamespace(returncode=2, stdout=event, stderr="")

    monkeypatch.setattr(doctor.subprocess, "run", refuse)
    assert of_kind("stop") == ["min_size: 0"]
    assert "check_project" in ran[0]


# --- What tools/build asks before its first step -----------------------------------------------------------------------


@pytest.fixture
def start(place, monkeypatch):
    """What doctor and `make build` say of a start: the same."""
    monkeypatch.setattr(build, "build_demo", lambda *_: None)
    monkeypatch.setattr(build, "build", lambda *_: None)

    def ask(capsys) -> str:
        before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
        (stop,) = [text for kind, text in doctor.start_findings() if kind == "stop"]
        assert {path: path.read_bytes() for path in place.rglob("*") if path.is_file()} == before
        assert build.main() == 1
        assert capsys.readouterr().out.splitlines() == [stop]
        return stop

    return ask


def own_database(place) -> None:
    """As a build of one's own records leaves it."""
    build.remember_raw_files(place / "raw", place / "tessera.duckdb", of_demo=False)


def test_files_in_another_layout_stop(place, start, capsys):
    (place / "raw").mkdir()
    (place / "raw" / "orders.parquet").write_text("")
    assert "holds orders.parquet, and no file where the input contract has it" in start(capsys)


def test_files_that_are_not_read_are_a_note(place):
    put(place, "crm/accounts", "select 'a' as account_id")
    (place / "raw" / "orders.parquet").write_text("")
    assert [(kind, text.endswith("is: orders.parquet.")) for kind, text in doctor.start_findings()] == [("note", True)]


def test_a_database_of_other_raw_files_stops(place, start, capsys):
    own_database(place)
    assert "was built from your own raw files" in start(capsys)


def test_a_file_that_is_no_database_stops(place, start, capsys):
    (place / "tessera.duckdb").write_text("hello " * 5000)
    assert "is not a valid DuckDB database file" in start(capsys)


@pytest.mark.parametrize("read_only", ["True", "False"])
def test_a_database_that_another_process_has_open_stops(place, read_only):
    own_database(place)
    put(place, "crm/accounts", "select 'a' as account_id")
    code = f"import duckdb, sys; c = duckdb.connect(sys.argv[1], {read_only}); print('open', flush=True); input()"
    holder = subprocess.Popen([sys.executable, "-c", code, str(place / "tessera.duckdb")],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
    try:
        holder.stdout.readline()
        (stop,) = [text for kind, text in doctor.start_findings() if kind == "stop"]
    finally:
        holder.communicate(b"\n")
    assert "open in another process" in stop
    assert list(doctor.start_findings()) == []


def test_a_build_at_work_stops(place, start, capsys):
    own_database(place)
    put(place, "crm/accounts", "select 'a' as account_id")
    with open(place / "tessera.duckdb.building", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        assert "Another `make build` is at work" in start(capsys)


def test_a_raw_folder_that_leads_nowhere_stops(place, monkeypatch):
    monkeypatch.setenv("TESSERA_RAW", str(place / "no" / "such"))
    ((kind, text),) = doctor.start_findings()
    assert kind == "stop" and "not even" in text


def test_a_demo_of_no_size_stops(place, monkeypatch):
    monkeypatch.setenv("TESSERA_DEMO_CUSTOMERS", "7")
    ((kind, text),) = doctor.start_findings()
    assert kind == "stop" and text.startswith("TESSERA_DEMO_CUSTOMERS is a whole number")


def test_another_version_than_the_locked_one_stops(monkeypatch):
    version = importlib.metadata.version
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "1.4.0" if name == "duckdb" else version(name))
    (stop,) = [text for kind, text in doctor.package_findings() if kind == "stop"]
    assert stop.startswith("duckdb is 1.4.0, 2.0.0 is locked")


@pytest.mark.parametrize("profile, said", [
    ("tessera: [", "names no target"), ("other: {}", "names no target"), ("tessera: {target: prod, outputs: {dev: {}}}", "'prod'"),
])
def test_a_profile_that_names_no_target_stops(place, profile, said):
    (place / "profiles.yml").write_text(profile)
    ((kind, text),) = doctor.profile_findings()
    assert kind == "stop" and said in text


@pytest.mark.parametrize("target, kind, said", [
    ("\"{{ env_var('PLACE', 'dev') }}\"", "good", "builds on duckdb, 2 steps at a time"),
    ("\"{{ env_var('NOT_SET') }}\"", "note", "the variable NOT_SET is not set"),
    ("\"{{ 'dev' | as_native }}\"", "note", "as_native"),
    ("\"{{ env_var('PLACE', 'prod') }}\"", "stop", "'prod'"),
])
def test_jinja_in_a_profile_is_read_or_left_to_dbt(place, target, kind, said):
    (place / "profiles.yml").write_text(f"tessera: {{target: {target}, outputs: {{dev: {{type: duckdb, threads: 2}}}}}}")
    ((found, text),) = doctor.profile_findings()
    assert found == kind and said in text


@pytest.mark.parametrize("content", ["", "no database"])
def test_a_publication_that_cannot_be_read_is_a_note(place, content):
    assert list(doctor.publication_findings()) == []
    (place / "published.duckdb").write_text(content)
    ((kind, text),) = doctor.publication_findings()
    assert kind == "note" and "no publication that can be read" in text


def test_room_is_asked_by_the_number_of_events(place, monkeypatch):
    assert doctor.expected(10_000_000) == pytest.approx((4.5e9, 1.4e9))
    assert doctor.expected(0) == pytest.approx((1.5e9, 0.16e9))
    sizes = [doctor.expected(events)[0] for events in (10**6, 3 * 10**6, 10**7, 5 * 10**7, 10**8, 10**9)]
    assert sizes == sorted(sizes) and len(set(sizes)) == len(sizes)

    monkeypatch.setattr(doctor, "memory", lambda: 8_000_000_000)
    kinds = {kind for kind, text in doctor.room_findings(10**6) if "memory" in text}
    assert kinds == {"good"}
    (short,) = [text for kind, text in doctor.room_findings(10**8) if kind == "note"]
    assert short.startswith("8.0 GB of memory; a build takes about 19.5 GB for 100,000,000 events") and "memory_limit" in short


def test_a_full_disk_stops(place, monkeypatch):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: types.SimpleNamespace(free=10**8))
    assert [text for kind, text in doctor.room_findings(0) if kind == "stop"] == [
        f"0.1 GB are free in {place}; database and published copy take about 0.4 GB."
    ]


def test_what_is_there_already_needs_no_room_again(place, monkeypatch):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: types.SimpleNamespace(free=10**8))
    (place / "tessera.duckdb").write_bytes(bytes(350_000_000))
    assert [text for kind, text in doctor.room_findings(0) if "are free" in text and kind == "good"] == [
        f"0.1 GB are free in {place}; database and published copy take about 0.1 GB more."
    ]
    # The copies are written beside the ones that are read.
    (place / "published.duckdb").write_bytes(bytes(100_000_000))
    (place / "published_parquet").mkdir()
    (place / "published_parquet" / "customers.parquet").write_bytes(bytes(100_000_000))
    assert [text for kind, text in doctor.room_findings(0) if kind == "stop"] == [
        f"0.1 GB are free in {place}; database and published copy take about 0.2 GB more."
    ]


def test_a_footer_is_read_once(place, monkeypatch):
    put(place, "crm/accounts", "select 'a' as account_id")
    read, rows_of = [], build.rows_of
    monkeypatch.setattr(build, "rows_of", lambda file: read.append(file) or rows_of(file))
    monkeypatch.setattr(doctor, "project_findings", lambda: [])
    list(doctor.findings())
    assert len(read) == 1
