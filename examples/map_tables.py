"""Maps an example's records to the input contract: runs <mapping>/<source>/<table>.sql, writes
<raw>/<source>/<table>/*.parquet.

The mapping is SQL; this only runs it. Each SQL file reads the records' parquet files as views by their names, and the
views that the files <mapping>/<view>.sql define.
"""

import hashlib
from pathlib import Path

import duckdb

from tools.project import sql_text


def connect(records: Path) -> duckdb.DuckDBPyConnection:
    """A connection in which each parquet file of `records` is a view by its name."""
    # A view that is missing is missing: a variable of this file that has its name is no table.
    connection = duckdb.connect(config={"python_enable_replacements": False})
    connection.execute("set TimeZone = 'UTC'")
    for file in sorted(records.glob("*.parquet")):
        connection.execute(f"create view {file.stem} as select * from read_parquet({sql_text(file)})")
    return connection


def tables_of(mapping: Path) -> dict[str, Path]:
    """The tables of the mapping, as <source>/<table>, and the query of each."""
    return {f"{file.parent.name}/{file.stem}": file for file in sorted(mapping.glob("*/*.sql"))}


def map_tables(records: Path, mapping: Path, raw: Path) -> list[str]:
    """Writes every table of the mapping. Returns their names."""
    tables = tables_of(mapping)
    with connect(records) as connection:
        for file in sorted(mapping.glob("*.sql")):
            connection.execute(f"create view {file.stem} as {file.read_text(encoding='utf-8')}")
        for table, file in tables.items():
            path = raw / table / "part-0.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(".partial")
            query = file.read_text(encoding="utf-8")
            connection.execute(f"copy ({query}) to {sql_text(partial)} (format parquet, compression zstd)")
            partial.replace(path)
    return list(tables)


def map_once(records: Path, mapping: Path, raw: Path, wheel_hash: str) -> list[str]:
    """Maps the tables unless they were mapped from the same wheel by the same SQL."""
    stamp = raw.parent / "mapped.sha256"
    expected = hashlib.sha256(wheel_hash.encode())
    for file in sorted(mapping.rglob("*.sql")):
        expected.update(file.relative_to(mapping).as_posix().encode())
        expected.update(file.read_bytes())
    state = expected.hexdigest()
    is_mapped = (
        stamp.exists()
        and stamp.read_text(encoding="utf-8").strip() == state
        and all((raw / table / "part-0.parquet").exists() for table in tables_of(mapping))
    )
    if is_mapped:
        return []
    stamp.unlink(missing_ok=True)
    tables = map_tables(records, mapping, raw)
    stamp.write_text(state + "\n", encoding="utf-8")
    return tables
