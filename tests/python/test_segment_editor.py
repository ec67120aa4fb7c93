"""A segment editor's day: what a wrong family says, and that it names the file. On a small project of families alone, with
the checks and the uniting model of this one. What the meta may be is test_bad_input.py's."""

import gc
import shutil
from pathlib import Path

import duckdb
import pytest
import yaml
from conftest import messages
from dbt.adapters.duckdb.connections import DuckDBConnectionManager

from tools.project import ROOT

META = {"owner": "growth", "purpose": "x", "signals": ["x"], "retention_days": 30, "priority": 5, "kind": "audience"}
COPIED = [
    "macros/checks/segment_families.sql", "macros/checks/failures.sql", "macros/project/segment_families.sql",
    "macros/project/segment_id.sql", "macros/project/unit_tests.sql",
    "models/segments/int_segment_candidates.sql", "tests/segments/assert_families_are_sound.sql",
]  # fmt: skip


def rows(*given):
    """(customer_id, variant, score) as a family's SQL; None where it is null."""
    def literal(value):
        return "null" if value is None else f"'{value}'"

    return " union all ".join(
        f"select {literal(customer)} as customer_id, 7 as lookback_days, {literal(variant)} as variant,"
        f" timestamp '2026-03-01' as qualified_at, cast({literal(score)} as double) as score"
        for customer, variant, score in given
    )


@pytest.fixture
def families(dbt, tmp_path):
    """families({name: sql}) makes the project and runs a dbt command on it."""
    folder = tmp_path / "families"

    def run(sql, *command, unit_tests=()):
        shutil.rmtree(folder, ignore_errors=True)
        for name in COPIED:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
        (folder / "macros/stub.sql").write_text("{% macro check_variables() %}{% endmacro %}")
        hooks = ["{{ explain_failures(results) }}", "{{ explain_family_errors(results) }}"]
        (folder / "dbt_project.yml").write_text(yaml.safe_dump({
            "name": "families", "profile": "tessera", "on-run-end": hooks,
            "models": {"families": {"segments": {"+materialized": "ephemeral"}}},
        }))
        given = {"segments": sorted(sql), "segment_min_size": 200, "segment_max_size": 2000,
                 "lookback_days": [7], "cart_lookback_days": [1]}
        (folder / "vars.yml").write_text(yaml.safe_dump({"vars": given}))
        for name, text in sql.items():
            path = folder / f"models/segments/theme/seg_{name}.sql"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            model = {"name": path.stem, "description": "One row.", "config": {"meta": META}}
            test = {"name": f"in_{name}", "model": path.stem, "given": [{"input": "ref('seg_good')", "rows": []}],
                    "expect": {"rows": [{"customer_id": "ann"}]}}
            shown = {"unit_tests": [test]} if name in unit_tests else {}
            path.with_suffix(".yml").write_text(yaml.safe_dump({"models": [model], **shown}))
        return dbt(*command, project=folder, loud=True, TESSERA_DATABASE=str(run.database))

    run.database = Path(tmp_path / "families.duckdb")
    return run


GOOD = rows(("ann", None, 1), ("bob", None, 2))


def test_a_column_that_is_not_there_is_named_with_its_file(families, capfd):
    """The engine's own line stands in whatever comes first; `qualified_at` is in all of them."""
    wrong = f"with readers as ({GOOD}) select readers.customer_id, lookback_days, variant, readers.qualifed_at as qualified_at, score from readers"
    composed = "with others as (select * from {{ ref('seg_wrong') }}) select * from others where score > 1"
    result = families({"good": GOOD, "wrong": wrong, "composed": composed}, "run")
    assert not result.success
    told = [line for line in capfd.readouterr().out.splitlines() if "stands there" in line]
    assert len(told) == 1
    assert "models/segments/theme/seg_wrong.sql: `qualifed_at` stands there; Binder Error: " in told[0]
    assert "composed" not in told[0] and "good" not in told[0]


def test_a_column_that_only_the_unit_test_meets_is_named_with_its_file(families, capfd):
    """dbt runs it first, and speaks of the unit test."""
    sql = {"good": GOOD, "wrong": "select *, otherwise as other from (select * from {{ ref('seg_good') }}) as others"}
    result = families(sql, "build", unit_tests=["wrong"])
    assert not result.success
    told = [line for line in capfd.readouterr().out.splitlines() if "stands there" in line]
    assert len(told) == 1
    assert "models/segments/theme/seg_wrong.sql: `otherwise` stands there; Binder Error: " in told[0]
    assert "unit test" not in told[0]


def test_what_no_family_names_is_left_to_the_engine(families, capfd):
    result = families({"good": GOOD, "wrong": "select 1 as customer_id"}, "run")
    output = capfd.readouterr().out
    assert not result.success and result.exception is None
    assert "explain_family_errors" not in output


def test_a_family_that_is_not_sound_is_named(families):
    sql = {
        "good": GOOD,
        "twice": rows(("ann", "a", 1), ("ann", "a", 2), ("bob", "a", 1), ("bob", "b", 1)),
        "nobody": rows((None, "a", 1), ("ann", "a", 1)),
        "unscored": rows(("ann", None, None), ("bob", None, "nan"), ("eve", None, "-inf"), ("sam", None, "-5")),
        "timeless": GOOD.replace("timestamp '2026-03-01'", "cast(null as timestamp)"),
    }
    assert not families(sql, "build").success
    compiled = families(sql, "compile", "--select", "assert_families_are_sound").result.results[0].node.compiled_code
    DuckDBConnectionManager.close_all_connections()
    gc.collect()
    with duckdb.connect(str(families.database), read_only=True) as connection:
        found = sorted(row[0] for row in connection.execute(compiled.replace('"families".', "")).fetchall())
    assert found == [
        "models/segments/theme/seg_nobody.sql: nobody/a@7d: 1 rows without a customer_id",
        "models/segments/theme/seg_timeless.sql: timeless@7d: 2 rows without a qualified_at, as of ann",
        "models/segments/theme/seg_twice.sql: twice/a@7d: 1 customers stand more than once in it, as ann; a family has one"
        " row per customer, variant and window",
        "models/segments/theme/seg_unscored.sql: unscored@7d: 3 rows whose score is null, NaN or infinite, as of ann",
    ]


def test_families_made_of_each_other_are_refused_by_name(families):
    one, other = ("select * from {{ ref('seg_%s') }}" % name for name in ("right", "left"))
    result = families({"left": one, "right": other}, "compile")
    assert not result.success
    assert "Found a cycle" in messages(result)
    assert "seg_left" in messages(result) and "seg_right" in messages(result)
