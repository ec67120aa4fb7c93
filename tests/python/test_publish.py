"""What BI tools read: a whole copy of what passed, or the former one.

A small database with a manifest of its own stands in for a build, so that every way to fail is tried in little time."""

import hashlib
import json
import os
from pathlib import Path

import duckdb
import pytest

from tools import project, publish


class Built:
    """A database with two public marts and a private one, and where it is published."""

    def __init__(self, folder: Path):
        self.database, self.manifest = folder / "tessera.duckdb", folder / "manifest.json"
        self.published = folder / "published" / "bi.duckdb"
        self.parquet = folder / "published" / "bi_parquet"
        marts = {"customers": "public", "segment sizes": "public", "int_notes": "private"}
        described = {"customer_id": {"description": "The customer's\n  own key"}}
        self.manifest.write_text(json.dumps({"nodes": {
            name: {
                "resource_type": "model", "alias": name, "schema": "main", "config": {"access": access},
                "description": f"One row per thing in {name}, it's said", "columns": described if name == "customers" else {},
            }
            for name, access in marts.items()
        }}))
        self.fill(3)

    def fill(self, customers: int, as_of: str = "2026-05-01") -> None:
        with duckdb.connect(str(self.database)) as connection:
            connection.execute("create schema if not exists main_intermediate")
            connection.execute(f"create or replace table main_intermediate.int_as_of as select timestamp '{as_of}' as as_of")
            connection.execute(f"create or replace table customers as select range as customer_id from range({customers})")
            connection.execute('create or replace view "segment sizes" as select 1 as n where false')
            connection.execute("create or replace table int_notes as select 'private' as note")

    def publish(self) -> str:
        return publish.publish(self.database, self.published, self.manifest)

    def customers(self) -> int:
        with duckdb.connect(str(self.published), read_only=True) as connection:
            return connection.execute("select count(*) from customers").fetchone()[0]

    def names(self) -> list[str]:
        return sorted(path.name for path in self.published.parent.iterdir() if path != self.parquet.resolve())


@pytest.fixture
def built(tmp_path) -> Built:
    return Built(tmp_path)


def test_the_public_marts_are_published_and_nothing_else(built):
    said = built.publish()
    assert said.startswith(f"Published 2 marts to {built.published}") and said.endswith(f"as parquet to {built.parquet}.")
    with duckdb.connect(str(built.published), read_only=True) as connection:
        tables = connection.execute("select table_name from duckdb_tables() union all select view_name from duckdb_views() where not internal").fetchall()
        assert sorted(tables) == [("customers",), ("publication",), ("segment sizes",)]
        assert connection.execute("from customers order by all").fetchall() == [(0,), (1,), (2,)]
    assert sorted(path.name for path in built.parquet.iterdir()) == ["customers.parquet", "publication.parquet", "segment sizes.parquet"]
    assert built.names() == ["bi.duckdb", "bi_parquet"]


def test_the_publication_says_what_was_published(built):
    built.publish()
    with duckdb.connect(str(built.published), read_only=True) as connection:
        said = connection.execute("select mart_name, row_count, as_of::text, sha256 from publication order by mart_name").fetchall()
        beside = duckdb.sql(f"select mart_name, row_count, as_of::text, sha256 from '{built.parquet}/publication.parquet' order by 1").fetchall()
    sums = {name: hashlib.sha256((built.parquet / f"{name}.parquet").read_bytes()).hexdigest() for name in ("customers", "segment sizes")}
    assert said == beside == [
        ("customers", 3, "2026-05-01 00:00:00", sums["customers"]),
        ("segment sizes", 0, "2026-05-01 00:00:00", sums["segment sizes"]),
    ]


def test_descriptions_go_with_the_tables(built):
    built.publish()
    with duckdb.connect(str(built.published), read_only=True) as connection:
        assert connection.execute("select comment from duckdb_columns() where column_name = 'customer_id'").fetchall() == [("The customer's own key",)]
        comments = dict(connection.execute("select table_name, comment from duckdb_tables()").fetchall())
    assert comments["customers"] == "One row per thing in customers, it's said"


def test_the_same_marts_have_the_same_sum(built):
    def sums() -> list:
        with duckdb.connect(str(built.published), read_only=True) as connection:
            return connection.execute("select mart_name, sha256 from publication order by 1").fetchall()

    built.publish()
    before = sums()
    with duckdb.connect(str(built.database)) as connection:
        connection.execute("create or replace table customers as from customers order by customer_id desc")
    built.publish()
    assert sums() == before, "another order of the same rows"
    built.fill(4)
    built.publish()
    assert sums() != before


def test_who_reads_the_former_publication_reads_on(built):
    built.publish()
    with duckdb.connect(str(built.published), read_only=True) as reader, open(built.parquet / "customers.parquet", "rb") as file:
        former = file.read(4)
        built.fill(5)
        built.publish()
        assert reader.execute("select count(*) from customers").fetchone() == (3,)
        assert former + file.read() != (built.parquet / "customers.parquet").read_bytes()
    assert built.customers() == 5


def test_only_the_latest_publication_is_kept(built):
    """Somebody who was erased must not stand in a former one."""
    for customers in (3, 4, 5):
        built.fill(customers)
        built.publish()
    assert len(publish.versions(built.published)) == 1
    assert duckdb.sql(f"select count(*) from '{built.parquet}/customers.parquet'").fetchall() == [(5,)]


@pytest.mark.parametrize("step", ["read_mart", "second_mart", "link", "file"])
def test_a_publication_that_is_stopped_leaves_the_former_one(built, monkeypatch, step):
    built.publish()
    built.fill(7)
    replaced = os.replace

    class Stopped(BaseException):
        pass

    def stop(*_):
        raise Stopped

    def replace_until(source, target):
        if Path(target) == (built.parquet if step == "link" else built.published):
            raise Stopped
        replaced(source, target)

    calls = []
    if step == "read_mart":
        monkeypatch.setattr(publish, "describe", stop)
    elif step == "second_mart":
        monkeypatch.setattr(publish, "describe", lambda *_: calls.append(1) if not calls else stop())
    else:
        monkeypatch.setattr(os, "replace", replace_until)
    with pytest.raises(Stopped):
        built.publish()
    assert built.customers() == 3
    if step != "file":
        assert duckdb.sql(f"select count(*) from '{built.parquet}/customers.parquet'").fetchall() == [(3,)]

    monkeypatch.undo()
    built.publish()
    assert built.customers() == 7
    assert built.names() == ["bi.duckdb", "bi_parquet"] and len(publish.versions(built.published)) == 1


def test_what_a_killed_publication_had_spilt_is_cleared(built):
    built.publish()
    spilt = built.published.parent / ".bi.duckdb.part.tmp"
    spilt.mkdir()
    (spilt / "duckdb_temp_storage_DEFAULT-0.tmp").write_bytes(bytes(10))
    built.published.with_name(".bi.duckdb.part").write_bytes(b"half")
    built.published.with_name(".bi.duckdb.part-link").symlink_to(built.parquet.resolve().name)
    built.fill(6)
    built.publish()
    assert built.customers() == 6 and built.names() == ["bi.duckdb", "bi_parquet"]


def test_a_mart_that_is_not_built_is_named_and_nothing_changes(built):
    built.publish()
    with duckdb.connect(str(built.database)) as connection:
        connection.execute("drop table customers")
    with pytest.raises(publish.CannotPublish, match=f"^Nothing was published to {built.published}: .*customers"):
        built.publish()
    assert built.customers() == 3
    assert publish.standing(built.published).endswith(f"UTC, as of 2026-05-01, at {built.published}.")


def test_without_a_manifest_the_way_to_one_is_said(built):
    built.manifest.unlink()
    with pytest.raises(publish.CannotPublish, match="run `make build`"):
        built.publish()


def test_a_place_that_cannot_be_written_is_named(built):
    built.published = built.database / "bi.duckdb"
    with pytest.raises(publish.CannotPublish, match="^Nothing was published to .*bi.duckdb: "):
        built.publish()


@pytest.mark.parametrize("content", [None, b"", b"no database"])
def test_where_nothing_is_published_that_is_said(tmp_path, content):
    published = tmp_path / "bi.duckdb"
    if content is not None:
        published.write_bytes(content)
    assert publish.standing(published) == f"Nothing is published at {published}."


def test_the_place_is_a_variable(monkeypatch, tmp_path):
    monkeypatch.delenv("TESSERA_PUBLISHED", raising=False)
    assert project.published() == project.ROOT / "data" / "published" / "tessera.duckdb"
    monkeypatch.setenv("TESSERA_PUBLISHED", str(tmp_path / "bi.duckdb"))
    assert project.published() == tmp_path / "bi.duckdb"
