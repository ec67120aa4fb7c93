"""Renders macro files without dbt: expressions, evaluated in DuckDB one value per input row, and macros that run
statements, which run them in a given connection."""

from pathlib import Path
from types import SimpleNamespace

import duckdb
import jinja2

PROJECT = Path(__file__).resolve().parents[2]


class MacroLibrary:
    """The macros of the given files as Python functions that return SQL text."""

    def __init__(self, *patterns: str, target: str = "default", **context):
        files = sorted(file for pattern in patterns for file in PROJECT.glob(pattern))
        assert files, f"no macro file matches {patterns}"
        environment = jinja2.Environment(undefined=jinja2.StrictUndefined, extensions=["jinja2.ext.do"])
        environment.globals.update({"adapter": self, "dbt": self, "return": lambda value: value} | context)
        environment.globals["run_query"] = lambda sql: self.run_query(sql)
        environment.globals["statement"] = lambda name, caller: self.run_query(caller().strip()) and ""
        self._target = target
        self._module = environment.from_string("\n".join(file.read_text() for file in files)).module

    def __getattr__(self, name):
        return getattr(self._module, name)

    # What dbt provides:
    def dispatch(self, name, package=None):
        return getattr(self._module, f"{self._target}__{name}")

    @staticmethod
    def hash(field):
        return f"md5(cast({field} as varchar))"


class StatementMacros(MacroLibrary):
    """Macros that run statements through run_query, on a connection instead of in dbt. `statements` holds what ran."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, *patterns: str):
        super().__init__(*patterns)
        self.connection = connection
        self.statements: list[str] = []

    def run_query(self, sql: str) -> SimpleNamespace:
        self.statements.append(sql)
        result = self.connection.execute(sql)
        rows = result.fetchall() if sql.startswith("select") else []
        return SimpleNamespace(columns=[SimpleNamespace(values=lambda: [row[0] for row in rows])])


CONNECTION = duckdb.connect(config={"threads": 1})


def evaluate(expression: str, columns: dict[str, list], types: dict[str, str] | None = None) -> list:
    """The expression's value for each row of the columns (double unless typed otherwise)."""
    types = {name: (types or {}).get(name, "double") for name in columns}
    inputs = ", ".join(f"unnest(cast(? as {kind}[])) as {name}" for name, kind in types.items())
    CONNECTION.execute(
        f"create or replace temp table inputs as select unnest(range(?)) as row_number, {inputs}",
        [len(next(iter(columns.values()))), *columns.values()],
    )
    result = CONNECTION.execute(f"select {expression} from inputs order by row_number").fetchall()
    return [value for (value,) in result]
