"""The project parses without a deprecation warning, an unknown key or a setting that applies to nothing.

dbt checks keys against its JSON schemas only for adapters that it lists by name, and duckdb is not one of them; it is
added here, so that a misspelt key fails instead of being ignored.
"""

import importlib.metadata
from pathlib import Path

import pytest
from dbt.cli.main import dbtRunnerResult
from dbt.jsonschemas import jsonschemas

from tools.project import ROOT, copy_to

STRICT = [
    "--no-partial-parse",
    "--show-all-deprecations",
    *("--warn-error-options", "{error: [Deprecations, UnusedResourceConfigPath]}"),
]


@pytest.fixture(autouse=True)
def keys_are_checked(monkeypatch):
    adapters = jsonschemas._JSONSCHEMA_SUPPORTED_ADAPTERS
    monkeypatch.setattr(jsonschemas, "_JSONSCHEMA_SUPPORTED_ADAPTERS", adapters | {"duckdb"})


@pytest.fixture
def parse(dbt):
    def strictly(project: Path) -> dbtRunnerResult:
        return dbt("parse", *STRICT, project=project)

    return strictly


@pytest.fixture
def copy(tmp_path) -> Path:
    """A copy of the project to break."""
    return copy_to(tmp_path / "copy")


def test_dbt_is_the_version_whose_list_is_known():
    """A newer dbt may list duckdb itself or check elsewhere; then this file is to be read again."""
    assert importlib.metadata.version("dbt-core") == "1.12.6"
    assert jsonschemas._JSONSCHEMA_SUPPORTED_ADAPTERS - {"duckdb"} == {
        "bigquery",
        "databricks",
        "redshift",
        "snowflake",
    }


def test_the_project_parses_strictly(parse):
    result = parse(ROOT)
    assert result.success, result.exception


# What must fail, so that the test above means something: (file, text put there, what dbt says)
NEW_SQL = "select 1 as one"
SETTINGS = "{name: small, profile: tessera}"
BROKEN = {
    "unknown key of a model": (
        "models/_broken.yml",
        "models: [{name: int_broken, descriptoin: One row per mistake.}]",
        "CustomKeyInObjectDeprecation",
    ),
    "test arguments without arguments": (
        "models/_broken.yml",
        "models: [{name: int_broken, columns: [{name: one, data_tests: [{accepted_values: {values: [1]}}]}]}]",
        "MissingArgumentsPropertyInGenericTestDeprecation",
    ),
    "unknown key of a config": (
        "models/_broken.yml",
        "models: [{name: int_broken, config: {materialised: table}}]",
        "CustomKeyInConfigDeprecation",
    ),
    "unknown key of a column": (
        "models/_broken.yml",
        "models: [{name: int_broken, columns: [{name: one, note: first}]}]",
        "CustomKeyInObjectDeprecation",
    ),
    "unknown top-level key": (
        "models/_broken.yml",
        "modles: [{name: int_broken}]",
        "CustomTopLevelKeyDeprecation",
    ),
    "unknown config in SQL": (
        "models/int_broken.sql",
        "{{ config(materialised='table') }} " + NEW_SQL,
        "CustomKeyInConfigDeprecation",
    ),
    "meta outside of config": (
        "models/_broken.yml",
        "models: [{name: int_broken, meta: {owner: no one}}]",
        "PropertyMovedToConfigDeprecation",
    ),
    "a key twice": (
        "models/_broken.yml",
        "models: [{name: int_broken, description: One row per x., description: One row per y.}]",
        "DuplicateYAMLKeysDeprecation",
    ),
    "settings of a folder that is not there": (
        "dbt_project.yml",
        "{name: small, profile: tessera, models: {small: {stagging: {+materialized: view}}}}",
        "Configuration paths exist",
    ),
}
# Two of them in a copy of the whole project too; each takes as long as a cold parse.
IN_A_COPY = ["unknown key of a model", "test arguments without arguments"]


@pytest.fixture
def small(tmp_path) -> Path:
    """A project of one model."""
    project = tmp_path / "small"
    (project / "models").mkdir(parents=True)
    (project / "dbt_project.yml").write_text(SETTINGS)
    return project


def break_in(project: Path, case: str) -> str:
    file, text, words = BROKEN[case]
    (project / "models" / "int_broken.sql").write_text(NEW_SQL)
    (project / file).write_text(text)
    return words


def test_a_small_project_parses(parse, small):
    (small / "models" / "int_broken.sql").write_text(NEW_SQL)
    (small / "models" / "_broken.yml").write_text("models: [{name: int_broken, description: One row per x.}]")
    result = parse(small)
    assert result.success, result.exception


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_small_project_does_not_parse(parse, small, case):
    words = break_in(small, case)
    result = parse(small)
    assert not result.success
    assert words in str(result.exception), result.exception


@pytest.mark.parametrize("case", IN_A_COPY)
def test_a_broken_copy_does_not_parse(parse, copy, case):
    words = break_in(copy, case)
    result = parse(copy)
    assert not result.success
    assert words in str(result.exception), result.exception
