"""Whether two engines built the same marts: every row of every public model, and of those that the marts are made of
in their own folders, each as often as the other has it.

Numbers with a fraction may differ by 1e-9 of themselves, or by 1e-12, because a sum of doubles depends on the order of its
terms.
Everything else is equal or it is a difference.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tools.project import sql_name

CLOSE = 1e-9
# A difference of two equal sums is nothing on one engine and the last digit of the sums on another.
NOTHING = 1e-12
SHOWN = 3
# When a run began is its own.
RUN_TIMES = {"erased_at", "known_at", "logged_at", "planned_at"}
# Tells rows apart that are alike but for their fractions; no column of a mart is called so.
NUMBER = "number_among_its_like"


@dataclass
class Mart:
    """A model of the marts: its name in the project, and its table."""

    name: str
    schema: str
    table: str


def marts(manifest: Path) -> list[Mart]:
    """The models that the project offers to others, and all other tables in models/marts, as dbt wrote them down. A view
    there is read as the marts that are made of it."""
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    found = [
        Mart(node["name"], node["schema"], node["alias"])
        for node in nodes
        if node["resource_type"] == "model"
        and (
            node["config"]["access"] == "public"
            or (node["path"].startswith("marts/") and node["config"]["materialized"] != "view")
        )
    ]
    return sorted(found, key=lambda mart: mart.name)


def opened(path: Path, read_only: bool) -> duckdb.DuckDBPyConnection:
    """A database in which a moment with a zone, cast to one without, is UTC."""
    connection = duckdb.connect(str(path), read_only=read_only)
    connection.execute("set TimeZone = 'UTC'")
    return connection


def columns_of(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """Column: type, in their order. Spark writes moments with a zone, which is UTC; DuckDB adds up whole numbers in a
    type of its own."""
    rows = connection.execute(f"describe select * from {relation}").fetchall()
    return {
        name: kind.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMP").replace("HUGEINT", "BIGINT")
        for name, kind, *_ in rows
        if name not in RUN_TIMES
    }


def differences(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> list[str]:
    """What the relation `other` has otherwise than `one`, in words; nothing where both are equal."""
    columns, others = columns_of(connection, one), columns_of(connection, other)
    if columns != others:
        return [f"columns {columns} against {others}"]
    # A double that becomes a decimal gets other last digits from each engine.
    columns = {name: "DOUBLE" if kind.startswith("DECIMAL") else kind for name, kind in columns.items()}
    floats = [name for name, kind in columns.items() if kind in ("DOUBLE", "FLOAT")]
    exact = [name for name in columns if name not in floats]

    # Rows that are alike but for their numbers are paired in the order of these.
    def numbered(relation: str) -> str:
        typed = ", ".join(f"cast({sql_name(name)} as {kind}) as {sql_name(name)}" for name, kind in columns.items())
        partition = ", ".join(map(sql_name, exact)) or "1"
        order = ", ".join(map(sql_name, floats)) or "1"
        return (
            f"select *, row_number() over (partition by {partition} order by {order}) as {NUMBER}"
            f" from (select {typed} from {relation})"
        )

    same_row = " and ".join(f"a.{sql_name(name)} is not distinct from b.{sql_name(name)}" for name in [*exact, NUMBER])
    close = " and ".join(
        f"(a.{sql_name(name)} is not distinct from b.{sql_name(name)}"
        f" or isfinite(a.{sql_name(name)}) and isfinite(b.{sql_name(name)}) and abs(a.{sql_name(name)} - b.{sql_name(name)})"
        f" <= greatest({CLOSE} * greatest(abs(a.{sql_name(name)}), abs(b.{sql_name(name)})), {NOTHING}))"
        for name in floats
    )
    connection.execute(
        f"create or replace temporary table differing as with a as ({numbered(one)}), b as ({numbered(other)}) "
        f"select a, b from a full join b on {same_row} "
        f"where a.{NUMBER} is null or b.{NUMBER} is null or not coalesce({close or 'true'}, false)"
    )
    count = connection.execute("select count(*) from differing").fetchone()[0]
    if not count:
        return []
    lines = [f"{count:,} rows"]
    for left, right in connection.execute(
        "select a, b from differing order by cast(coalesce(a, b) as varchar) limit ?", [SHOWN]
    ).fetchall():
        lines.append(in_words(left, right))
    return lines


def in_words(left: dict | None, right: dict | None) -> str:
    for row, other, text in ((left, right, "second"), (right, left, "first")):
        if row is None or row.pop(NUMBER) is None:
            return f"only the {text} has {({name: value for name, value in other.items() if name != NUMBER})}"
    changed = ", ".join(f"{name} {left[name]!r} against {right[name]!r}" for name in left if left[name] != right[name])
    same = ", ".join(f"{name} {value!r}" for name, value in left.items() if value == right[name])
    return f"{changed} where {same}"


def compare(
    connection: duckdb.DuckDBPyConnection,
    marts: list[Mart],
    one: Callable[[Mart], str],
    other: Callable[[Mart], str],
) -> dict[str, list[str]]:
    """The differences of each mart, said as they are found. `one` and `other` name a mart's relation."""
    found = {}
    for mart in marts:
        try:
            found[mart.name] = differences(connection, one(mart), other(mart))
            rows = connection.execute(f"select count(*) from {one(mart)}").fetchone()[0]
            said = found[mart.name] or [f"{rows:,} row{'' if rows == 1 else 's'}"]
        except duckdb.Error as error:
            said = found[mart.name] = [str(error).splitlines()[0]]
        print(f"{'differs' if found[mart.name] else 'equal':8} {mart.name}: {said[0]}", flush=True)
        for line in said[1:]:
            print(f"         {line}", flush=True)
    return found
