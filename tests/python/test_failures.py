"""A failed data test says in words what it found, and the words never break a run."""

import shutil
import textwrap

import pytest

from tools import dbt_build
from tools.project import ROOT

FILES = {
    "models/numbers.sql": "select n from (values (1), (2), (2), (3), (4), (5)) as number (n)",
    "models/broken.sql": "select 1 as one from {{ ref('numbers') }} where cast('x' as integer) = 1",
    "models/_models.yml": """
        models:
          - name: numbers
            columns:
              - name: n
                data_tests: [unique]
          - name: broken
            columns:
              - name: one
                data_tests: [unique]
        unit_tests:
          - name: test_numbers
            model: numbers
            given: []
            expect:
              rows: [{n: 1}]
        """,
    "tests/assert_small.sql": """
        select 'number ' || cast(n as text) || ' is too large' as problem from {{ ref('numbers') }} where n > 1
        order by n  -- a comment ends the file""",
    "tests/assert_warned.sql": "{{ config(severity='warn') }} select 'only warned' as problem",
    "tests/assert_good.sql": "select 'never seen' as problem where false",
    "tests/assert_broken.sql": "select nothing from nowhere",
}


@pytest.fixture(scope="module")
def run(dbt, tmp_path_factory, workspace):
    """`dbt build` on a project with one test of each kind; what it printed."""
    project = tmp_path_factory.mktemp("failing")
    (project / "dbt_project.yml").write_text(
        "{name: failing, profile: tessera, on-run-end: ['{{ explain_failures(results) }}']}"
    )
    for name, text in FILES.items():
        path = project / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(text))
    (project / "macros").mkdir()
    shutil.copy(ROOT / "macros" / "checks" / "failures.sql", project / "macros")

    def build(*arguments: str):
        return dbt(*arguments, project=project, loud=True, TESSERA_DATABASE=str(workspace / "failing.duckdb"))

    build.project = project
    return build


def test_failures_are_told_in_words(run, capfd):
    result = run("build", "--exclude", "broken", "assert_broken", "test_type:unit")
    output = capfd.readouterr().out
    assert not result.success and result.exception is None
    for number in (2, 2, 3):
        assert f"assert_small: number {number} is too large" in output
    assert output.count("is too large") == 3, "three rows are enough"
    assert "unique_numbers_n: unique_field=2, n_records=2" in output
    assert "assert_warned: only warned" in output
    assert "never seen" not in output


def test_errors_and_unit_tests_break_nothing(run, capfd):
    run("run", "--select", "numbers")
    result = run("build")
    output = capfd.readouterr().out
    assert result.exception is None, "the run itself ends as it would without the macro"
    statuses = {item.node.name: str(item.status) for item in result.result}
    assert statuses["assert_broken"] == "error" and statuses["test_numbers"] == "fail"
    assert statuses["numbers"] == "skipped"
    assert "explain_failures" not in output


def test_make_build_reads_dbts_own_events(run, workspace, monkeypatch, capfd):
    """The names of dbt's events, as they are: a failed test, a warning, a failed model, and what was left out."""
    project = run.project
    monkeypatch.setenv("TESSERA_DATABASE", str(workspace / "failing_events.duckdb"))
    folders = [f"--{name}={workspace / 'events' / name}" for name in ("target-path", "log-path")]
    outcome = dbt_build.run("--project-dir", str(project), "--profiles-dir", str(workspace), *folders,
                            "--exclude", "test_type:unit")  # fmt: skip
    output = capfd.readouterr().out
    assert outcome.code == 1 and outcome.built == 1
    assert "assert_small: number 2 is too large" in outcome.explanations
    assert "assert_warned: only warned" in outcome.explanations
    assert "is too large" not in output, "the caller says it last"
    assert "assert_small" in output and "assert_warned" in output
    assert "Table with name nowhere does not exist" in output
    assert "PASS" not in output and "START" not in output
    assert "1 warned, 3 failed, " in output.splitlines()[-1]


@pytest.mark.parametrize("command", ["parse", "compile", "docs"])
def test_commands_without_results(run, command):
    arguments = {"docs": ["docs", "generate"], "compile": ["compile", "-s", "numbers"]}.get(command, [command])
    assert run(*arguments).success
