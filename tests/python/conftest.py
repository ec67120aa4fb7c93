"""What the tests share: dbt in this process, on a profile and in folders that are theirs alone."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from dbt.cli.main import dbtRunner, dbtRunnerResult

from tools.project import ROOT

Dbt = Callable[..., dbtRunnerResult]


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder outside the project's tree, with the profile that the project ships."""
    folder = tmp_path_factory.mktemp("dbt")
    shutil.copy(ROOT / "profiles.yml.example", folder / "profiles.yml")
    return folder


@pytest.fixture(scope="session")
def dbt(workspace: Path) -> Dbt:
    """Run a dbt command on the project, as `dbt(...)` would, leaving nothing in its tree."""
    runner = dbtRunner()

    def run(*arguments: str, project: Path = ROOT, loud: bool = False, **environment: str) -> dbtRunnerResult:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TESSERA_RAW", str(workspace / "raw"))
            patch.setenv("TESSERA_DATABASE", str(workspace / "tessera.duckdb"))
            for name, value in environment.items():
                patch.setenv(name, value)
            return runner.invoke(
                [
                    *arguments,
                    *([] if loud else ["--quiet"]),
                    *("--project-dir", str(project)),
                    *("--profiles-dir", str(workspace)),
                    *("--target-path", str(workspace / project.name / "target")),
                    *("--log-path", str(workspace / project.name / "logs")),
                ]
            )

    return run


def messages(result: dbtRunnerResult) -> str:
    """Everything that a failed command had to say, on one line."""
    return " ".join(str(result.exception).split())
