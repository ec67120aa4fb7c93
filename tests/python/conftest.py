"""What the tests share: dbt in this process, on a profile and in folders that are theirs alone.

`dbt` runs commands that need no raw files of their own; `project` is the project on raw files that the test writes.
"""

import datetime
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import yaml
from dbt.cli.main import dbtRunner, dbtRunnerResult

from tools import dbt_in_process
from tools.project import ROOT, sql_text

# Beside other processes of pytest-xdist each has folders of its own, for tools that ask the environment.
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    for name in ("DBT_TARGET_PATH", "DBT_LOG_PATH"):
        if name in os.environ:
            os.environ[name] += f"_{worker}"

SQL_TYPES = {"text": "varchar"}

# What a required column holds where a test does not say: the least that is accepted.
DEFAULTS = {
    "text": "x",
    "bigint": 1,
    "double": 1.0,
    "timestamp": datetime.datetime(2026, 3, 1, 12),
    "date": datetime.date(2026, 3, 1),
    "boolean": False,
}
NAMED_DEFAULTS = {
    "identifier_type": "user_id",
    "identifier_value": "u1",
    "user_id": "u1",
    "purpose": "analytics",
    "status": "granted",
    "order_status": "completed",
    "currency_code": "USD",
    "unit_type": "customer",
    "touch_type": "impression",
    "party": "third",
    "activation/uploads status": "confirmed",
}


def read_contract():
    """The input contract: {table: {column: (type, is_nullable)}}, from the source YAML files."""
    contract = {}
    for path in sorted((ROOT / "models/staging").glob("*/_*__sources.yml")):
        for source in yaml.safe_load(path.read_text())["sources"]:
            for table in source["tables"]:
                contract[f"{source['name']}/{table['name']}"] = {
                    column["name"]: (
                        column["data_type"],
                        column.get("config", {}).get("meta", {}).get("nullable", False),
                    )
                    for column in table["columns"]
                }
    return contract


CONTRACT = read_contract()


def oracle(module):
    """A module of what `make oracles` installs, which `make test` does; run by hand without it, the test is skipped."""
    return pytest.importorskip(module, reason=f"{module.split('.')[0]} is not installed; `make oracles` installs it")


class Project:
    """The project, run in this process on its own raw files and its own database."""

    def __init__(self, folder, parsed, monkeypatch):
        self.environment, self.manifest = parsed
        self.raw = folder / "raw"
        # dbt knows a DuckDB database by its file's name, which the manifest holds: it is always the same.
        self.database = folder / "tessera.duckdb"
        monkeypatch.setenv("TESSERA_RAW", str(self.raw))
        monkeypatch.setenv("TESSERA_DATABASE", str(self.database))

    def write_sql(self, table, sql, name="part-0.parquet"):
        """Writes one raw file from a query."""
        path = self.raw / table / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as connection:
            connection.execute(f"copy ({sql}) to {sql_text(path)} (format parquet)")
        return path

    def write(self, table, rows, name="part-0.parquet"):
        """Writes one raw file from dicts. A column that a dict leaves out holds null where the
        contract allows it, except that every row belongs to user u1, and else a default."""
        columns = CONTRACT[table]
        unknown = {key for row in rows for key in row} - set(columns)
        assert not unknown, f"{table} has no columns {unknown}"
        types = ", ".join(
            f"{column} {SQL_TYPES.get(kind, kind)}" for column, (kind, _) in columns.items()
        )
        with duckdb.connect() as connection:
            connection.execute(f"create table rows ({types})")
            for row in rows:
                values = [
                    row.get(column, self.default(table, column)) for column in columns
                ]
                marks = ", ".join("?" for _ in values)
                connection.execute(f"insert into rows values ({marks})", values)
            path = self.raw / table / name
            path.parent.mkdir(parents=True, exist_ok=True)
            connection.execute(f"copy rows to {sql_text(path)} (format parquet)")
        return path

    @staticmethod
    def default(table, column):
        kind, nullable = CONTRACT[table][column]
        if nullable and column != "user_id":
            return None
        return NAMED_DEFAULTS.get(f"{table} {column}", NAMED_DEFAULTS.get(column, DEFAULTS[kind]))

    def dbt(self, *arguments):
        """Runs dbt as loud as a person hears it, and lets go of the database file. Returns dbt's result."""
        place = {name: os.environ[name] for name in ("TESSERA_RAW", "TESSERA_DATABASE")}
        return dbt_in_process.invoke(self.manifest, self.environment | place, *arguments, loud=True)

    def build(self, *selection, tests=True, **variables):
        """`dbt build`, of everything or of a selection, with its tests or not; must succeed."""
        arguments = ["build"]
        if not tests:
            arguments += ["--exclude-resource-type", "test", "unit_test"]
        if selection:
            arguments += ["--select", *selection]
        if variables:
            arguments += ["--vars", yaml.safe_dump(variables)]
        result = self.dbt(*arguments)
        assert result.success, self.problems(result)
        return result

    problems = staticmethod(dbt_in_process.problems)

    def query(self, sql):
        """Rows of a query on the built database."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture
def project(tmp_path, parsed_with_tests, monkeypatch):
    """The project with raw files that the test writes, and with a new database."""
    return Project(tmp_path, parsed_with_tests, monkeypatch)


@pytest.fixture(scope="session")
def raw_without_rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Raw files of one empty table: enough to begin a run with."""
    raw = tmp_path_factory.mktemp("raw_without_rows")
    columns = ", ".join(
        f"null::{SQL_TYPES.get(kind, kind)} as {name}" for name, (kind, _) in CONTRACT["shop/products"].items()
    )
    (raw / "shop/products").mkdir(parents=True)
    duckdb.sql(f"select {columns} where false").write_parquet(str(raw / "shop/products/none.parquet"))
    return raw


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


@pytest.fixture(scope="session")
def parsed_with_tests(tmp_path_factory):
    """(environment, manifest) of the project and its data tests, parsed once for whoever runs it as it stands. A parse
    takes as long as the build of a small warehouse."""
    folder = tmp_path_factory.mktemp("parsed")
    shutil.copy(ROOT / "profiles.yml.example", folder / "profiles.yml")
    environment = {
        "DBT_PROFILES_DIR": str(folder),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "TESSERA_RAW": str(folder / "raw"),
        "TESSERA_DATABASE": str(folder / "tessera.duckdb"),
    }
    manifest = dbt_in_process.parse(environment, data_tests=True)
    # Kept apart: builds that tests kill write into the target folder.
    for name in ("manifest.json", "semantic_manifest.json"):
        shutil.copy(folder / "target" / name, folder)
    return environment, manifest


@pytest.fixture(scope="session")
def parsed(parsed_with_tests):
    """(environment, manifest) without the tests, for every Warehouse."""
    environment, manifest = parsed_with_tests
    return environment, dbt_in_process.without_tests(manifest.deepcopy())


@pytest.fixture(scope="session")
def artifacts(parsed_with_tests) -> Path:
    """The folder with manifest.json and semantic_manifest.json of the project."""
    return Path(parsed_with_tests[0]["DBT_PROFILES_DIR"])


@pytest.fixture(scope="session")
def contracts(artifacts: Path) -> dict[str, dict[str, str]]:
    """{mart: {column: type}} of the public marts, by the names under which they are published."""
    nodes = json.loads((artifacts / "manifest.json").read_text(encoding="utf-8"))["nodes"].values()
    return {
        node["alias"]: {column["name"]: column["data_type"] for column in node["columns"].values()}
        for node in nodes
        if node["resource_type"] == "model" and node["config"]["access"] == "public"
    }


@pytest.fixture(scope="module")
def new_warehouse(tmp_path_factory, parsed):
    """Makes a Warehouse: a database of its own, on raw files and seeds of its own."""
    import warehouse

    environment, manifest = parsed

    def make(name="warehouse", **settings):
        return warehouse.Warehouse(tmp_path_factory.mktemp(name), manifest, environment, **settings)

    return make
