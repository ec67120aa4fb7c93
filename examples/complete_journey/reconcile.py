"""Compares the built project with the wheel's own records: the same figures, asked twice, side by side.

    .venv/bin/python -m examples.complete_journey.reconcile

Ends with 1 where a figure differs, or where a table's rows are not its accepted and its rejected rows.
"""

import sys
from decimal import Decimal
from pathlib import Path

import duckdb

from examples.complete_journey import paths
from examples.map_tables import connect
from tools.project import as_line

QUERIES = Path(__file__).resolve().parent / "reconciliation"


def query(connection: duckdb.DuckDBPyConnection, name: str, parameters: dict | None = None) -> list[tuple]:
    return connection.execute((QUERIES / name).read_text(encoding="utf-8"), parameters).fetchall()


def compare_figures(project: duckdb.DuckDBPyConnection, wheel: duckdb.DuckDBPyConnection, as_of: str) -> int:
    """Prints every figure as the project and as the wheel has it. Returns how many differ."""
    in_project = dict(query(project, "project_figures.sql", {"as_of": as_of}))
    in_wheel = dict(query(wheel, "wheel_figures.sql", {"as_of": as_of}))
    width = max(len(figure) for figure in in_wheel)
    print(f"\nOrders before {as_of}, asked of the built project and of the wheel's records\n")
    print(f"  {'figure':<{width}}  {'project':>14}  {'wheel':>14}")
    differences = 0
    for figure in dict.fromkeys([*in_wheel, *in_project]):
        found, expected = in_project.get(figure), in_wheel.get(figure)
        differs = found is None or found != expected
        differences += differs
        print(f"  {figure:<{width}}  {shown(found):>14}  {shown(expected):>14}{'  differs' if differs else ''}")
    return differences


def compare_rows(project: duckdb.DuckDBPyConnection, wheel: duckdb.DuckDBPyConnection, raw: Path) -> int:
    """Prints, for every mapped table, where its rows went. Returns for how many tables rows are missing."""
    rejected = dict(project.execute("select source_table, count(*) from main.rejected_rows group by all").fetchall())
    expected = query(wheel, "wheel_rows.sql")
    print("\nWhere the rows went: wheel = raw files = accepted + rejected\n")
    print(f"  {'table':<22}  {'wheel':>10}  {'raw files':>10}  {'accepted':>10}  {'rejected':>10}")
    differences = 0
    for table, wheel_rows in expected:
        source, name = table.split("/")
        files = str(raw / table / "*.parquet")
        (raw_rows,) = wheel.execute("select count(*) from read_parquet($files)", {"files": files}).fetchone()
        (accepted,) = project.execute(f"select count(*) from main_staging.stg_{source}__{name}").fetchone()
        refused = rejected.get(table, 0)
        differs = not (wheel_rows == raw_rows == accepted + refused)
        differences += differs
        counts = "  ".join(f"{count:>10,}" for count in (wheel_rows, raw_rows, accepted, refused))
        print(f"  {table:<22}  {counts}{'  differs' if differs else ''}")
    reasons = project.execute(
        "select source_table, reason, count(*) from main.rejected_rows group by all order by all"
    ).fetchall()
    for table, reason, count in reasons:
        print(f"    rejected in {table}: {count:,} {reason}")
    return differences


def shown(value: Decimal | None) -> str:
    if value is None:
        return "missing"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def main() -> int:
    if not paths.DATABASE.exists():
        print(f"there is no database {paths.DATABASE}: run `make build-real` first", file=sys.stderr)
        return 1
    try:
        with duckdb.connect(str(paths.DATABASE), read_only=True) as project, connect(paths.RECORDS) as wheel:
            differences = compare_figures(project, wheel, paths.AS_OF) + compare_rows(project, wheel, paths.RAW)
    except duckdb.Error as error:
        print(f"cannot compare {paths.DATABASE} with the records: {as_line(error)}", file=sys.stderr)
        return 1
    if differences:
        print(f"\n{differences} of the lines above differ: the build does not reconcile with the records")
        return 1
    print("\nEvery figure and every row reconciles.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
