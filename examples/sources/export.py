"""Reads the tables that a system has in your warehouse through its selects and writes the raw files of the input contract.

    python -m examples.sources.export shopify --database warehouse.duckdb --schema shopify --raw data/raw
    python -m examples.sources.export ga4 --files ga4_export --raw data/raw

`<system>/schema.sql` holds the tables with the columns that the system's documentation names; `<system>/<source>__<table>.sql`
is the select of one table of the contract over them. A table or a column that you do not have counts as empty, and is named.
Files are written aside and moved into place when all of them are whole.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb

from tools.project import as_line, sql_name, sql_text

SOURCES = Path(__file__).resolve().parent
# RudderStack names its warehouse tables and their columns as Segment does: it has no tables and selects of its own.
SAME_AS = {"rudderstack": "segment"}
# A CSV file says no types: a postal code 01067 must not become a number before it is known to be text.
READERS = {
    "parquet": "read_parquet({files}, union_by_name = true)",
    "csv": "read_csv({files}, union_by_name = true, all_varchar = true)",
    "json": "read_json({files}, union_by_name = true)",
}


class CannotExport(Exception):
    """A reason, in one line, why nothing was written."""


def systems() -> list[str]:
    return sorted([*(path.parent.name for path in SOURCES.glob("*/schema.sql")), *SAME_AS])


def folder_of(system: str) -> Path:
    return SOURCES / SAME_AS.get(system, system)


def selects(system: str) -> dict[str, str]:
    """The select of each table of the contract that the system can fill, by <source>/<table>."""
    files = sorted(folder_of(system).glob("*__*.sql"))
    return {file.stem.replace("__", "/"): file.read_text(encoding="utf-8") for file in files}


def connect(system: str, origin: str) -> duckdb.DuckDBPyConnection:
    """A connection with the documented tables of the system, empty, in the schema `documented`."""
    # A table that is missing is missing: a variable of this file that has its name is no table.
    connection = duckdb.connect(config={"python_enable_replacements": False})
    # A time with a zone becomes the UTC time without one, which the contract wants, by a plain cast.
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"set variable origin = {sql_text(origin)}")
    connection.execute((SOURCES / "macros.sql").read_text(encoding="utf-8"))
    connection.execute("create schema documented; use documented")
    connection.execute((folder_of(system) / "schema.sql").read_text(encoding="utf-8"))
    connection.execute("use main")
    return connection


def documented_columns(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Columns and types of each documented table."""
    tables: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute("""
        select table_name, column_name, data_type from duckdb_columns()
        where schema_name = 'documented' order by table_name, column_index
    """).fetchall():
        tables.setdefault(table, {})[column] = kind
    return tables


def is_of(found: str, table: str) -> bool:
    """Whether a table of the warehouse is a documented one: its name, or its name with a day (GA4's events_20260301)."""
    return re.fullmatch(rf"{re.escape(table)}(_\d{{8}})?", found, re.IGNORECASE) is not None


def tables_of_database(connection: duckdb.DuckDBPyConnection, database: Path, schema: str | None) -> Iterator[tuple[str, str]]:
    """(name, relation) of the tables and views of a DuckDB file, of all its schemas where none is named."""
    if not database.is_file():
        raise CannotExport(f"{database} is no file.")
    connection.execute(f"attach {sql_text(database)} as warehouse (read_only)")
    for found_schema, table in connection.execute("""
        select schema_name, table_name from duckdb_tables() where database_name = 'warehouse'
        union all
        select schema_name, view_name from duckdb_views() where database_name = 'warehouse' and not internal
        order by all
    """).fetchall():
        if schema is None or found_schema.lower() == schema.lower():
            yield table, f"warehouse.{sql_name(found_schema)}.{sql_name(table)}"


def tables_of_folder(folder: Path) -> Iterator[tuple[str, str]]:
    """(name, relation) of <table>.parquet, .csv or .json, and of folders <table>/ with such files."""
    if not folder.is_dir():
        raise CannotExport(f"{folder} is no folder.")
    for path in sorted(folder.iterdir()):
        for ending, reader in READERS.items():
            if path.is_dir() and any(path.glob(f"*.{ending}")):
                yield path.name, reader.format(files=sql_text(path / f"*.{ending}"))
            elif path.is_file() and path.suffix == f".{ending}":
                yield path.stem, reader.format(files=sql_text(path))


def as_documented(column: str, kind: str, found: str | None) -> str:
    """A documented column in its documented type, whatever a loader made of it; nested ones are taken as they are."""
    if found is None:
        return f"cast(null as {kind}) as {sql_name(column)}"
    if found == kind or "STRUCT" in kind:
        return sql_name(column)
    return f"cast({sql_name(column)} as {kind}) as {sql_name(column)}"


def create_views(connection: duckdb.DuckDBPyConnection, found: list[tuple[str, str]]) -> list[str]:
    """A view for each documented table. Returns what is missing: tables, and columns as <table>.<column>."""
    documented = documented_columns(connection)
    missing = []
    for table, columns in documented.items():
        ours = [(found_name.lower(), relation) for found_name, relation in found if is_of(found_name, table)]
        if len(dict(ours)) < len(ours):
            # All of them together would count every row twice.
            raise CannotExport(f"{table} stands in several places: {', '.join(relation for _, relation in ours)}.")
        relations = [relation for _, relation in ours]
        if not relations:
            missing.append(table)
            connection.execute(f"create view {sql_name(table)} as select * from documented.{sql_name(table)}")
            continue
        rows = " union all by name ".join(f"select * from {relation}" for relation in relations)
        present = {row[0].lower(): row[1] for row in connection.execute(f"describe {rows}").fetchall()}
        missing += [f"{table}.{column}" for column in columns if column.lower() not in present]
        selected = ", ".join(as_documented(column, kind, present.get(column.lower())) for column, kind in columns.items())
        connection.execute(f"create view {sql_name(table)} as select {selected} from ({rows})")
    if len([one for one in missing if "." not in one]) == len(documented):
        raise CannotExport(f"none of the tables {', '.join(documented)} was found.")
    return missing


def write(connection: duckdb.DuckDBPyConnection, queries: dict[str, str], raw: Path, origin: str) -> dict[str, int]:
    """Writes the raw file of each table. Returns the rows of each."""
    partials = {}
    rows = {}
    try:
        for table, query in queries.items():
            path = raw / table / f"{origin}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            partials[path] = path.with_name(f".{path.name}.partial")
            (rows[table],) = connection.execute(
                f"copy ({query}) to {sql_text(partials[path])} (format parquet, compression zstd)"
            ).fetchone()
        for path, partial in partials.items():
            partial.replace(path)
    finally:
        for partial in partials.values():
            partial.unlink(missing_ok=True)
    return rows


def export(
    system: str, raw: Path, database: Path | None = None, schema: str | None = None, files: Path | None = None,
    origin: str | None = None,
) -> tuple[dict[str, int], list[str]]:
    """Writes the raw files of a system. Returns the rows of each table, and what was not found and counts as empty."""
    origin = origin or system
    if not re.fullmatch(r"[a-z][a-z0-9_]*", origin):
        raise CannotExport(f"--name is small letters, digits and underscores, not {origin}: it stands in file names and ids.")
    with connect(system, origin) as connection:
        try:
            found = list(tables_of_folder(files) if files else tables_of_database(connection, database, schema))
            missing = create_views(connection, found)
            return write(connection, selects(system), raw, origin), missing
        except (duckdb.Error, OSError) as error:
            raise CannotExport(as_line(error)) from error


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m examples.sources.export", description=__doc__.split("\n")[0])
    parser.add_argument("system", choices=systems())
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--database", type=Path, help="a DuckDB file that holds the system's tables")
    place.add_argument("--files", type=Path, help="a folder with <table>.parquet, .csv or .json, or <table>/ with such files")
    parser.add_argument("--schema", help="the schema of the tables in the database; default: any")
    parser.add_argument("--raw", type=Path, required=True, help="the raw folder, TESSERA_RAW")
    parser.add_argument("--name", help="what stands before ids and in file names; default: the system. One a shop, one an account")
    given = parser.parse_args(arguments)
    try:
        rows, missing = export(given.system, given.raw, given.database, given.schema, given.files, given.name)
    except CannotExport as error:
        print(f"export: {given.system}: {error}", file=sys.stderr)
        return 2
    if missing:
        print(f"Not found, counted as empty: {', '.join(missing)}")
    for table, count in rows.items():
        print(f"{given.raw / table}: {count:,} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
