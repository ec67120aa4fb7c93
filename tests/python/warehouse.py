"""A project with raw files and a database of its own, built as often as a test likes.

dbt spends more time on parsing a project than on building a small one, and parses again whenever a variable or the
profile changes. Here it parses once a session, and every build runs on a copy of that manifest, without the data and
unit tests: what a test here wants to know it asks the database.
"""

import csv
import gc
import io
import os

import pytest
import yaml
from conftest import Project
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from tools.project import ROOT


def parse(environment, **variables):
    """The project's manifest without its tests, and without saved queries, which dbt cannot copy. Variables that switch
    models on are given here and to each build."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.chdir(ROOT)
        given = ["--vars", yaml.safe_dump(variables)] if variables else []
        result = dbtRunner().invoke(["parse", "--quiet", "--profiles-dir", environment["DBT_PROFILES_DIR"], *given])
    assert result.success, result.exception
    manifest = result.result
    manifest.nodes = {key: node for key, node in manifest.nodes.items() if node.resource_type != "test"}
    manifest.unit_tests = {}
    # Manifest.deepcopy cannot copy what is switched off either.
    manifest.disabled = {}
    manifest.saved_queries = {}
    return manifest


class Warehouse(Project):
    """Raw files in `raw`, one database; seeds as in the repository, or those that the test gives."""

    def __init__(self, folder, manifest, environment, seeds=None, raw=None):
        self.raw = raw or folder / "raw"
        # dbt knows a DuckDB database by its file's name, which the manifest holds: it is always the same.
        self.database = folder / "tessera.duckdb"
        self.environment = environment | {"TESSERA_RAW": str(self.raw), "TESSERA_DATABASE": str(self.database)}
        self.manifest = manifest.deepcopy()
        for name, text in (seeds or {}).items():
            # dbt looks for a seed's file under the project and then under the node's own root.
            node = self.manifest.nodes[f"seed.tessera.{name}"]
            node.root_path, node.original_file_path = str(folder), f"given_seeds/{name}.csv"
            path = folder / node.original_file_path
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)

    def dbt(self, *arguments, callbacks=()):
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment.items():
                patch.setenv(name, value)
            patch.chdir(ROOT)
            try:
                # A run leaves compiled SQL behind in its manifest, hence a copy for each.
                return dbtRunner(manifest=self.manifest.deepcopy(), callbacks=list(callbacks)).invoke(
                    [
                        *arguments,
                        *("--quiet", "--no-write-json", "--log-level-file", "none"),
                        *("--profiles-dir", self.environment["DBT_PROFILES_DIR"]),
                    ]
                )
            finally:
                DuckDBConnectionManager.close_all_connections()
                gc.collect()

    def build(self, *selection, full_refresh=False, **variables):
        arguments = ["build", *(["--full-refresh"] if full_refresh else [])]
        if selection:
            arguments += ["--select", *selection]
        if variables:
            arguments += ["--vars", yaml.safe_dump(variables)]
        result = self.dbt(*arguments)
        assert result.success, self.problems(result)
        return result

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
