"""Files for destinations: whole or not there, the same for the same batches, and only what may still be uploaded."""

import hashlib
import json
import os
import subprocess
import sys

import duckdb
import pytest

from tools import export

CHANGES = """
    create table main.audience_changes as
    select
        batch_id, follows_batch_id, destination_key, segment_id, customer_id, operation, record_number, email_sha256,
        cast(null as varchar) as phone_sha256, cast(null as varchar) as first_name_sha256,
        cast(null as varchar) as last_name_sha256, 'US' as country, cast(null as varchar) as postal_code,
        timestamp '2026-04-01' as as_of
    from (values
        ('b_2', 'b_1', 'ads', 'carts/x@7d', 'eve', 'remove', 1, 'e3'),
        ('b_2', 'b_1', 'ads', 'carts/x@7d', 'bob', 'add', 1, 'e2'),
        ('b_2', 'b_1', 'ads', 'carts/x@7d', 'ann', 'add', 1, 'e1'),
        ('b_3', null, 'ads', '../etc/pass wd', 'ann', 'add', 1, 'e1'),
        ('b_4', null, 'gone', 'carts', 'erased:x', 'remove', 1, 'e9')
    ) as changes (batch_id, follows_batch_id, destination_key, segment_id, customer_id, operation, record_number, email_sha256)
"""


@pytest.fixture
def connection():
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("create schema main_intermediate; create schema main_configuration")
        connection.execute(CHANGES)
        connection.execute("""
            create table main_intermediate.int_audience_batch_rows as
            select distinct batch_id, 'batch' as operation from main.audience_changes;
            create table main.audience_members as
            from (values ('ads', 'stays', 0.5), ('ads', 'carts/x@7d', 1.3), ('ads', 'carts/x@7d', 1.3), ('mail', 'carts', null))
            as members (destination_key, segment_id, bid_modifier);
            create table main_configuration.destinations as
            select * from (values ('ads', 'meta', 100), ('mail', 'generic', 50)) as destinations (destination_key, platform,
                min_audience_size);
            create table main_configuration.blocked_placements as
            select 'ads' as destination_key, 'site' as placement_type, 'bad.example' as placement, 'brand_safety' as reason;
            create table main.audience_exclusions as
            select 'mail' as destination_key, 'carts' as segment_id, 'audience_too_small' as reason from range(7);
        """)
        yield connection


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("extension", ["csv", "parquet"])
def test_each_batch_is_a_file_that_the_manifest_describes(connection, tmp_path, extension):
    folder = tmp_path / "it's here"
    manifest = export.export(connection, folder, extension)
    assert json.loads((folder / "manifest.json").read_text()) == manifest
    ads, gone, mail = manifest["destinations"]
    assert [one["destination_key"] for one in (ads, gone, mail)] == ["ads", "gone", "mail"]
    assert ads["blocked_placements"] == [{"placement_type": "site", "placement": "bad.example", "reason": "brand_safety"}]
    # Of every audience, whether it changes or not: a changed bid is no change of members.
    assert ads["bids"] == [{"segment_id": "carts/x@7d", "bid_modifier": 1.3}, {"segment_id": "stays", "bid_modifier": 0.5}]
    assert mail["bids"] == []
    assert mail["withheld"] == [{"segment_id": "carts", "people": 7}] and not mail["batches"]
    found = files(folder)
    assert len(found) == 4
    for batch in ads["batches"] + gone["batches"]:
        content = found[batch["file"]]
        assert hashlib.sha256(content).hexdigest() == batch["sha256"] and batch["as_of"] == "2026-04-01"
        rows = duckdb.sql(f"from '{str(folder / batch['file']).replace(chr(39), chr(39) * 2)}'").fetchall()
        assert len(rows) == batch["rows"] == batch["add"] + batch["remove"]
    first = next(batch for batch in ads["batches"] if batch["batch_id"] == "b_2")
    assert (first["rows"], first["remove"], first["follows_batch_id"]) == (3, 1, "b_1")
    assert all((folder / name).resolve().is_relative_to(folder) for name in found)
    if extension == "csv":
        assert found[first["file"]].decode().splitlines() == [
            "operation,email_sha256,phone_sha256,first_name_sha256,last_name_sha256,country,postal_code",
            "remove,e3,,,,US,", "add,e1,,,,US,", "add,e2,,,,US,",
        ]  # fmt: skip


@pytest.mark.parametrize("extension", ["csv", "parquet"])
def test_the_same_batches_are_the_same_bytes_in_whatever_order_the_rows_stand(connection, tmp_path, extension):
    export.export(connection, tmp_path, extension)
    before = files(tmp_path)
    connection.execute("create or replace table main.audience_changes as from main.audience_changes order by email_sha256 desc")
    export.export(connection, tmp_path, extension)
    assert files(tmp_path) == before


def test_what_a_later_batch_has_followed_is_taken_away(connection, tmp_path):
    export.export(connection, tmp_path, "csv")
    (tmp_path / "ads" / "mine.csv").write_text("not the export's")
    connection.execute("delete from main.audience_changes where batch_id <> 'b_2'; update main.audience_changes set batch_id = 'b_5'")
    connection.execute("insert into main_intermediate.int_audience_batch_rows values ('b_5', 'batch')")
    export.export(connection, tmp_path, "csv")
    assert files(tmp_path).keys() == {"manifest.json", "ads/mine.csv", "ads/carts-x@7d-b_5.csv"}


def test_an_export_that_breaks_off_leaves_the_former_one(connection, tmp_path, monkeypatch):
    export.export(connection, tmp_path, "csv")
    before = files(tmp_path)
    connection.execute("""
        update main.audience_changes set batch_id = batch_id || '0';
        insert into main_intermediate.int_audience_batch_rows select distinct batch_id, 'batch' from main.audience_changes
    """)
    moved = []

    def replace(source, target):
        if len(moved) == 2:
            raise OSError(28, "No space left on device")
        moved.append(target)
        os.rename(source, target)

    monkeypatch.setattr(export.os, "replace", replace)
    with pytest.raises(OSError, match="No space left"):
        export.export(connection, tmp_path, "csv")
    after = files(tmp_path)
    assert before.items() <= after.items() and len(after) == len(before) + 2, "nothing half, and what the manifest names is there"
    assert not [name for name in after if name.endswith(".tmp")]


def test_what_a_killed_export_left_half_written_is_removed(connection, tmp_path):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    (tmp_path / "ads").mkdir()
    left = {f".manifest.json.{process.pid}.tmp", f"ads/.carts-b_1.csv.{process.pid}.tmp", f"ads/.carts-b_1.parquet.{process.pid}.tmp"}
    kept = {
        f"ads/.carts-b_1.csv.{os.getppid()}.tmp", f"ads/.mine.csv.{process.pid}.tmp", f".carts-b_1.csv.{process.pid}",
        ".carts-b_1.csv.tmp",
    }  # fmt: skip
    for name in left | kept:
        (tmp_path / name).write_text("e1")
    export.export(connection, tmp_path, "csv")
    assert {name for name in files(tmp_path) if "/." in f"/{name}"} == kept


def test_a_batch_that_the_memory_does_not_know_is_not_exported(connection, tmp_path):
    connection.execute("delete from main_intermediate.int_audience_batch_rows where batch_id = 'b_3'")
    with pytest.raises(export.CannotExport, match="1 of 3 batches are not in int_audience_batch_rows, b_3 among them"):
        export.export(connection, tmp_path, "csv")
    assert not files(tmp_path)


def test_what_a_user_can_get_wrong_is_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("TESSERA_DATABASE", str(tmp_path / "none.duckdb"))
    assert export.main(["--to", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("export: there is no database at ")
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    monkeypatch.setenv("TESSERA_DATABASE", str(tmp_path / "empty.duckdb"))
    assert export.main(["--to", str(tmp_path)]) == 1
    line = capsys.readouterr().err
    assert line.startswith("export: build first, there are no audiences in the database") and line.count("\n") == 1


@pytest.mark.parametrize("edit, line", [
    ("update main_configuration.blocked_placements set destination_key = 'tv'",
     "seeds/blocked_placements.csv names the destination tv, which seeds/destinations.csv does not have"),
    ("update main_configuration.blocked_placements set destination_key = 'gone'",
     "seeds/blocked_placements.csv names the destination gone, which seeds/destinations.csv does not have"),
    ("update main.audience_exclusions set destination_key = 'tv'",
     "the mart audience_exclusions names the destination tv, which seeds/destinations.csv does not have: build again"),
])
def test_a_destination_that_the_seed_does_not_have_is_one_line(connection, tmp_path, edit, line):
    connection.execute(edit)
    with pytest.raises(export.CannotExport) as reason:
        export.export(connection, tmp_path, "csv")
    assert str(reason.value) == line
    assert not files(tmp_path)


def test_a_manifest_of_something_else_is_left_alone(connection, tmp_path):
    (tmp_path / "manifest.json").write_text('{"name": "an app"}')
    with pytest.raises(export.CannotExport, match="is no manifest of an export"):
        export.export(connection, tmp_path, "csv")
    assert files(tmp_path) == {"manifest.json": b'{"name": "an app"}'}
