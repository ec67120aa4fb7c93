"""The models from the draws of the arms to the results, compiled by dbt and run on tables that the simulation gives."""

from pathlib import Path

import duckdb
import yaml
from dbt.contracts.graph.manifest import Manifest

from tools import dbt_in_process, project
from tools.project import sql_text
from tools.simulation import FOLDER

# In the order of their making. The first group deals the arms, the second measures.
ASSIGNMENT = (
    *("mart_experiments", "mart_experiment_arms", "int_experiment_draws", "experiment_assignments"),
    "int_experiment_units",
)
RESULTS = (
    *("int_experiment_arm_counts", "int_experiment_ratio_checks"),
    *("int_experiment_caps", "int_experiment_unit_deviations", "int_experiment_cell_sums"),
    *("int_experiment_frame_sums", "int_experiment_current_statistics", "int_experiment_statistics"),
    *("int_experiment_comparisons", "int_lift_itt", "int_lift_cuped", "int_lift_ratio", "int_lift_ratio_cuped"),
    *("int_lift_poststratified", "int_lift_welch", "int_lift_proportion", "int_lift_sequential", "int_lift_cace"),
    *("int_experiment_failures", "experiment_results"),
)
SEGMENTS = ("int_experiment_slice_lifts", "int_segment_pool_members", "int_segment_pools", "segment_lifts")


def compiled(manifest: Manifest, environment: dict[str, str]) -> dict[str, str]:
    """{model: SQL} as a first build would run it."""
    # By folder: of models that are named dbt prints the SQL.
    rooms = ("path:models/marts/experiments", "path:models/marts/measurement")
    result = dbt_in_process.invoke(manifest, environment, "compile", "--select", *rooms)
    assert result.success, dbt_in_process.problems(result)
    return {one.node.name: one.node.compiled_code for one in result.result.results}


def settings() -> dict:
    """DuckDB's settings that the project asks for."""
    profile = yaml.safe_load((project.ROOT / "profiles.yml.example").read_text(encoding="utf-8"))
    return profile["tessera"]["outputs"]["duckdb"]["settings"]


class Measurement:
    """A database in memory in which the compiled models run, under the names that dbt gave them."""

    def __init__(self, manifest: Manifest, statements: dict[str, str], memory: str = "2GB"):
        self.statements = dict(statements)
        self.relations = {
            node.name: node.relation_name
            for node in manifest.nodes.values()
            if node.resource_type in ("model", "seed") and node.relation_name
        }
        self.connection = duckdb.connect()
        # What does not fit goes to disk.
        self.connection.execute(f"set threads = 2; set memory_limit = '{memory}'; set temp_directory = {sql_text(FOLDER / 'spill')}")
        for name, value in settings().items():
            self.connection.execute(f"set {name} = '{value}'")
        self.connection.execute("attach ':memory:' as tessera; use tessera")
        for schema in sorted({relation.rsplit(".", 1)[0] for relation in self.relations.values()}):
            self.connection.execute(f"create schema if not exists {schema}")

    def run_file(self, path: Path, **variables) -> None:
        """SQL of a file, which reads the variables by getvariable() and names relations of the project {name}."""
        for name, value in variables.items():
            self.connection.execute(f"set variable {name} = $value", {"value": value})
        self.connection.execute(path.read_text(encoding="utf-8").format_map(self.relations))

    def run_models(self, *names: str) -> None:
        for name in names:
            self.connection.execute(f"create or replace table {self.relations[name]} as {self.statements[name]}")

    def rows(self, sql: str) -> list[dict]:
        found = self.connection.execute(sql)
        columns = [column[0] for column in found.description]
        return [dict(zip(columns, row)) for row in found.fetchall()]
