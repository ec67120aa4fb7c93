"""`make doctor`: each thing that can be missing is named, and only what stops a build makes it fail."""

import importlib.metadata
import types

import duckdb
import pytest

from tools import doctor, project


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
    rows = {"web/events": 1}
    notes = [text for _, text in doctor.own_data_findings(rows)]
    assert notes[0].startswith("TESSERA_ERASURE_SALT is not set") and "cart_recovery" in notes[1]
    monkeypatch.setenv("TESSERA_ERASURE_SALT", "long and random")
    assert len(list(doctor.own_data_findings(rows))) == 1
    assert list(doctor.own_data_findings({"web/events": 0})) == []


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
