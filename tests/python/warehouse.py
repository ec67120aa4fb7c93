"""A project with raw files and a database of its own, built as often as a test likes.

dbt parses once a session, and every build runs on a copy of that manifest (tools/dbt_in_process.py), without the data
and unit tests: what a test here wants to know it asks the database.
"""

import csv
import io

import yaml
from conftest import Project

from tools import dbt_in_process
from tools.project import ROOT


class Warehouse(Project):
    """Raw files in `raw`, one database; seeds as in the repository, or those that the test gives."""

    def __init__(self, folder, manifest, environment, seeds=None, raw=None):
        self.raw = raw or folder / "raw"
        # dbt knows a DuckDB database by its file's name, which the manifest holds: it is always the same.
        self.database = folder / "tessera.duckdb"
        self.environment = environment | {"TESSERA_RAW": str(self.raw), "TESSERA_DATABASE": str(self.database)}
        self.manifest = manifest.deepcopy()
        for name, text in (seeds or {}).items():
            dbt_in_process.give_seed(self.manifest, folder, name, text)

    def dbt(self, *arguments, callbacks=()):
        return dbt_in_process.invoke(self.manifest, self.environment, *arguments, callbacks=callbacks)

    def build(self, *selection, full_refresh=False, **variables):
        arguments = ["build", *(["--full-refresh"] if full_refresh else [])]
        if selection:
            arguments += ["--select", *selection]
        if variables:
            arguments += ["--vars", yaml.safe_dump(variables)]
        result = self.dbt(*arguments)
        assert result.success, self.problems(result)
        return result

    def not_finite(self, *tables):
        """The columns of doubles of the tables that hold NaN or an infinite number."""
        columns = [
            (table, column)
            for table in tables
            for column in self.column(f"select column_name from (describe {table}) where column_type = 'DOUBLE'")
        ]
        return [
            f"{table}.{column}"
            for table, column in columns
            if self.query(f"select 1 from {table} where not isfinite({column}) limit 1")
        ]

    def column(self, sql):
        """The first column of a query."""
        return [row[0] for row in self.query(sql)]


def seed(**changes):
    """A seed's text: that of the repository's file with its rows replaced, seed(experiments=[{...}, ...])."""
    texts = {}
    for name, rows in changes.items():
        header = (ROOT / "seeds" / f"{name}.csv").read_text().splitlines()[0].split(",")
        text = io.StringIO()
        writer = csv.DictWriter(text, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        texts[name] = text.getvalue()
    return texts
