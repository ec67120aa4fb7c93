"""What the README tells people to type, typed: it must work as it stands there."""

import csv
import re

import pytest

from tools.project import ROOT, copy_to

README = (ROOT / "README.md").read_text(encoding="utf-8")
EXPERIMENT_SEEDS = ("experiments", "experiment_arms", "experiment_metrics", "layers")


def blocks(heading: str) -> list[str]:
    """The fenced blocks of a section, without the indentation of their fence, which stands in a list."""
    (section,) = re.findall(rf"^## {heading}\n(.*?)^## ", README, re.DOTALL | re.MULTILINE)
    found = re.findall(r"^( *)```\w+\n(.*?)^ *```$", section, re.DOTALL | re.MULTILINE)
    return [re.sub(f"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The project with what the README adds to it."""
    folder = copy_to(tmp_path_factory.mktemp("readme") / "project")

    sql, yaml, line = blocks("Add a segment")
    intent = folder / "models/segments/intent"
    (intent / "seg_restless_searchers.sql").write_text(sql)
    (intent / "seg_restless_searchers.yml").write_text(yaml)
    variables = (folder / "vars.yml").read_text()
    assert variables.rstrip().splitlines()[-1].startswith("    - "), "the families stand last"
    (folder / "vars.yml").write_text(variables.rstrip() + "\n" + line)

    for name, rows in zip(EXPERIMENT_SEEDS, blocks("Add an experiment"), strict=True):
        seed = folder / "seeds" / f"{name}.csv"
        seed.write_text(seed.read_text().rstrip() + "\n" + rows)
    return folder


@pytest.fixture(scope="module")
def run(dbt, copy, raw_without_rows, tmp_path_factory):
    """A dbt command on that project, with raw files in which nothing is looked up."""
    database = tmp_path_factory.mktemp("database") / "tessera.duckdb"

    def command(*arguments: str):
        return dbt(*arguments, project=copy, TESSERA_RAW=str(raw_without_rows), TESSERA_DATABASE=str(database))

    return command


def statuses(result) -> dict[str, str]:
    assert result.exception is None, result.exception
    results = result.result.results
    return {item.node.name: str(item.status) for item in results if item.node.resource_type != "operation"}


def test_the_segment_of_the_readme_passes_its_unit_test(run):
    only_models = ["--exclude-resource-type", "test", "unit_test"]
    assert run("build", "--empty", "--select", "+int_customer_features", *only_models).success
    assert statuses(run("test", "--select", "seg_restless_searchers")) == {"seg_restless_searchers_in_and_just_out": "pass"}


def test_the_experiment_of_the_readme_passes_the_tests_of_the_seeds(run, copy):
    results = statuses(run("build", "--select", "resource_type:seed"))
    assert set(results.values()) == {"success", "pass"}, results
    assert "assert_arms_of_an_experiment_add_up" in results
    added = {"layers": "phone"}
    for name in EXPERIMENT_SEEDS:
        with (copy / "seeds" / f"{name}.csv").open() as file:
            rows = list(csv.reader(file))
        assert rows[-1][0] == added.get(name, "pricing_call") and len({len(row) for row in rows}) == 1, name
