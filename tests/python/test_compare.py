"""The comparison of two engines' marts notices whatever differs, and nothing else."""

import json

import pytest

from tools import compare

MART = """
    select * from (
        values ('a', 1, 0.1, timestamp '2026-04-01 00:00:00'), ('a', 1, 0.2, null), ('b', null, null, null)
    ) as mart (k, n, x, t)
"""
TYPED = f"(select k, cast(n as bigint) as n, cast(x as double) as x, t from ({MART}))"


@pytest.fixture
def connection(tmp_path):
    with compare.opened(tmp_path / "marts.duckdb", read_only=False) as opened:
        opened.execute(f"create table one as from {TYPED}")
        opened.execute("create table other as from one")
        yield opened


def found(connection):
    return compare.differences(connection, "one", "other")


def test_equal_marts_are_equal(connection):
    assert found(connection) == []


def test_the_order_of_rows_does_not_matter(connection):
    connection.execute("create or replace table other as from one order by x desc nulls first")
    assert found(connection) == []


def test_the_last_digit_of_a_sum_does_not_matter(connection):
    connection.execute("update other set x = 0.1 * (1 + 1e-12) where x = 0.1")
    assert found(connection) == []


@pytest.mark.parametrize(("nothing", "is_equal"), [(4.5e-15, True), (-4.5e-15, True), (1e-11, False)])
def test_what_equal_sums_leave_is_nothing(connection, nothing, is_equal):
    connection.execute("update one set x = 0 where x = 0.1")
    connection.execute("update other set x = ? where x = 0.1", [nothing])
    assert (found(connection) == []) is is_equal


def test_the_last_digit_of_a_decimal_does_not_matter(connection):
    for name in ("one", "other"):
        connection.execute(f"alter table {name} alter x type decimal(38, 26)")
    connection.execute("update other set x = x + 1e-18::decimal(38, 26)")
    assert found(connection) == []
    connection.execute("update other set x = x * 1.00000001")
    assert len(found(connection)) == 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("update other set x = x * (1 + 1e-8) where x = 0.1", "x 0.1 against 0.1000"),
        ("update other set x = x + 2e-10 where x = 0.1", "x 0.1 against 0.1000"),
        ("update other set x = null where x = 0.1", "x 0.1 against"),
        ("update other set x = 'nan' where x = 0.2", "x 0.2 against nan"),
        ("update other set x = 'inf' where x = 0.2", "x 0.2 against inf"),
        ("update other set n = 2 where x = 0.1", "only the "),
        ("update other set k = 'c' where k = 'b'", "only the "),
        ("update other set t = t + interval 1 microsecond", "only the "),
        ("update other set t = timestamp '2026-04-01' where t is null", "only the "),
        ("delete from other where k = 'b'", "only the first has {'k': 'b'"),
        ("delete from other where x = 0.2", "only the first has {'k': 'a'"),
        ("insert into other from one where k = 'b'", "only the second has {'k': 'b'"),
        ("insert into other values ('z', 1, 1, null)", "only the second has {'k': 'z'"),
        ("delete from other", "only the first has"),
    ],
)
def test_a_difference_is_noticed_and_named(connection, change, said):
    connection.execute(change)
    lines = found(connection)
    assert lines and any(said in line for line in lines), lines


@pytest.mark.parametrize(
    "change",
    [
        "alter table other drop column t",
        "alter table other add column extra integer",
        "alter table other alter n set data type double",
        "alter table other rename column k to key",
    ],
)
def test_other_columns_are_a_difference(connection, change):
    connection.execute(change)
    assert found(connection)[0].startswith("columns ")


def test_a_moment_with_a_zone_is_its_utc_time(connection):
    connection.execute("create or replace table other as select k, n, x, t at time zone 'UTC' as t from one")
    assert found(connection) == []


def test_a_mart_of_whole_numbers_only_is_compared(connection):
    connection.execute("alter table one drop column x")
    connection.execute("alter table other drop column x")
    assert found(connection) == []
    connection.execute("delete from other where k = 'b'")
    assert found(connection)


def test_a_mart_that_is_missing_is_a_difference(connection, capsys):
    marts = [compare.Mart("one", "main", "one"), compare.Mart("none", "main", "none")]
    differing = compare.compare(connection, marts, lambda mart: mart.table, lambda mart: mart.table)
    assert not differing["one"] and "none does not exist" in differing["none"][0]
    said = capsys.readouterr().out.splitlines()
    assert said[0].split() == ["equal", "one:", "3", "rows"] and said[1].startswith("differs  none:")


def test_public_models_and_those_in_the_marts_folder_are_compared(tmp_path):
    def model(name, access, path="intermediate/a.sql", kind="model", materialized="table"):
        config = {"access": access, "materialized": materialized}
        return {"name": name, "schema": "main", "alias": name[:3], "resource_type": kind, "path": path, "config": config}

    nodes = [
        model("offered", "public"),
        model("inner", "protected", "marts/a/inner.sql"),
        model("hidden", "protected"),
        model("seeds", "public", kind="seed"),
        model("looked_through", "private", "marts/a/looked_through.sql", materialized="view"),
    ]
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({"nodes": {node["name"]: node for node in nodes}}))
    assert [mart.name for mart in compare.marts(path)] == ["inner", "offered"]
    assert compare.marts(path)[1] == compare.Mart("offered", "main", "off")


def test_when_a_run_began_is_its_own(connection):
    connection.execute("alter table one add column erased_at timestamp default timestamp '2026-04-01'")
    connection.execute("alter table other add column erased_at timestamp default timestamp '2026-04-02'")
    assert found(connection) == []
