"""The SQL of every model, written for other warehouses by sqlglot, is something that their grammar knows.

A smoke test and no more: it shows that nothing is spelled in a way that only DuckDB reads. sqlglot knows grammars, not
functions and types; what a warehouse answers, only the warehouse shows (docs/spark.md).
"""

from pathlib import Path

import pytest
import sqlglot
from sqlglot.errors import ErrorLevel

from tools import check, project

# What sqlglot says a dialect lacks, and the project uses. BigQuery puts nulls first, knows no column names beside the
# name of a CTE, and replaces every match without being told to.
LACKS = {
    "snowflake": set(),
    "databricks": set(),
    "bigquery": {"'NULLS LAST' translation", "Named columns are", "Argument 'modifiers' is"},
}


@pytest.fixture(scope="module")
def compiled(dbt, tmp_path_factory) -> dict[str, str]:
    """Model -> its SQL as compiled for DuckDB; a macro of macros/statistics is a call of its name. What a t quantile
    is would be pages of plain arithmetic, nested deeper than Python recurses."""
    copy = project.copy_to(tmp_path_factory.mktemp("plain") / "tessera")
    for path in Path(copy, "macros", "statistics").glob("*.sql"):
        path.write_text(check.MACRO.sub(check.as_a_call, path.read_text(encoding="utf-8")), encoding="utf-8")
    result = dbt("compile", "--select", "resource_type:model", project=copy)
    assert result.success, result.exception
    return {
        one.node.name: one.node.compiled_code
        for one in result.result.results
        if one.node.language == "sql"
    }


def unsupported(dialect: str, sql: str) -> set[str]:
    """Writes the SQL in another dialect and reads it again, which raises where the grammar does not know it. Returns
    what sqlglot says the dialect lacks."""
    trees = sqlglot.parse(sql, read="duckdb")
    assert len(trees) == 1, f"{len(trees)} statements"
    try:
        trees[0].sql(dialect, unsupported_level=ErrorLevel.RAISE, max_unsupported=100)
        lacks = set()
    except sqlglot.UnsupportedError as error:
        lacks = {line.split(" not supported")[0] for line in str(error).splitlines() if line}
    sqlglot.parse_one(trees[0].sql(dialect, unsupported_level=ErrorLevel.IGNORE), read=dialect)
    return lacks


@pytest.mark.parametrize("dialect", sorted(LACKS))
def test_every_model_can_be_written_for_it(dialect, compiled):
    assert len(compiled) > 100
    found = {}
    for name, sql in compiled.items():
        for lack in unsupported(dialect, sql):
            found.setdefault(lack, []).append(name)
    assert found.keys() == LACKS[dialect], found


@pytest.mark.parametrize("sql", ["select from where", "select 1; select 2", "select a from (select 1 as a"])
def test_what_is_no_sql_is_noticed(sql):
    with pytest.raises((sqlglot.errors.SqlglotError, AssertionError)):
        unsupported("bigquery", sql)


def test_what_a_dialect_lacks_is_noticed():
    assert unsupported("bigquery", "with one (a) as (select * from two) select a from one")
