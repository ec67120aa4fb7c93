"""dbt in this process: parsed once, run as often as one likes on copies of the manifest.

dbt spends more time on parsing a project than on building a small one, and parses again whenever a variable or the
profile changes. A run on a manifest that is given leaves that out, and starting Python too.
"""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest

from tools.project import ROOT


@contextmanager
def at_work(environment: dict[str, str], folder: Path) -> Iterator[None]:
    """In `folder` and with these variables of the environment; afterwards as before, and no database is open."""
    before, variables = Path.cwd(), dict(os.environ)
    os.environ |= environment
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
        os.environ.clear()
        os.environ |= variables
        DuckDBConnectionManager.close_all_connections()
        gc.collect()


def given(variables: dict) -> list[str]:
    return ["--vars", yaml.safe_dump(variables)] if variables else []


def parse(environment: dict[str, str], project: Path = ROOT, data_tests: bool = False, **variables) -> Manifest:
    """The project's manifest without unit tests, without data tests unless asked for, and without saved queries, which
    dbt cannot copy. Variables that switch models on are given here and to each run."""
    with at_work(environment, project):
        result = dbtRunner().invoke(
            ["parse", "--quiet", "--profiles-dir", environment["DBT_PROFILES_DIR"], *given(variables)]
        )
    assert result.success, result.exception
    manifest = result.result
    manifest.unit_tests = {}
    # Manifest.deepcopy cannot copy what is switched off either.
    manifest.disabled = {}
    manifest.saved_queries = {}
    return manifest if data_tests else without_tests(manifest)


def without_tests(manifest: Manifest) -> Manifest:
    manifest.nodes = {key: node for key, node in manifest.nodes.items() if node.resource_type != "test"}
    return manifest


def invoke(
    manifest: Manifest, environment: dict[str, str], *arguments: str, project: Path = ROOT, callbacks=(), loud=False,
    **variables,
) -> dbtRunnerResult:
    """A dbt command on a copy of the manifest, since a run leaves compiled SQL behind in its own; `loud` prints what it
    does."""
    with at_work(environment, project):
        return dbtRunner(manifest=manifest.deepcopy(), callbacks=list(callbacks)).invoke(
            [
                *arguments,
                *given(variables),
                *([] if loud else ["--quiet"]),
                *("--no-write-json", "--log-level-file", "none"),
                *("--profiles-dir", environment["DBT_PROFILES_DIR"]),
            ]
        )


def give_seed(manifest: Manifest, folder: Path, name: str, text: str) -> None:
    """Let a seed be another text than the repository's."""
    # dbt looks for a seed's file under the project and then under the node's own root.
    node = manifest.nodes[f"seed.tessera.{name}"]
    node.root_path, node.original_file_path = str(folder), f"given_seeds/{name}.csv"
    path = folder / node.original_file_path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def problems(result: dbtRunnerResult) -> str:
    """What went wrong in a run, as one text."""
    if result.exception is not None:
        return str(result.exception)
    return "\n".join(
        f"{one.node.name}: {one.message}"
        for one in result.result.results
        if one.status in ("error", "fail", "runtime error")
    )
