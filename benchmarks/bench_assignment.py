"""What assigning a million units takes: python benchmarks/bench_assignment.py [--units N] [--folder FOLDER]

A small demo is built as of its launch, one hashed experiment's candidates are replaced by a million, and the models that
assign run: int_experiment_draws, then the ledger with its checks and its log. Then again, when there is no one to add. The
floor is one md5 a unit into a temporary table, the best of three, in the same run. See README.md in this folder.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[1]
CANDIDATES = "main_intermediate.int_experiment_candidates"
MODELS = ("int_experiment_draws", "experiment_assignments")


def dbt(environment, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", *arguments, "--quiet"], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(done.stdout[-3000:] + done.stderr[-3000:])


def assigned(folder, environment, launch):
    """{model: seconds of its run}, from dbt's own account."""
    dbt(environment, "run", "--select", *MODELS, "--vars", f"{{as_of: '{launch}'}}")
    results = json.loads((folder / "target/run_results.json").read_text())["results"]
    return {result["unique_id"].split(".")[-1]: result["execution_time"] for result in results if "model." in result["unique_id"]}


def floor(database):
    """Best of three: one md5 a unit, on as many threads as the build has."""
    seconds = []
    with duckdb.connect(str(database), config={"threads": 2}) as connection:
        for _ in range(3):
            started = time.perf_counter()
            connection.execute(f"create or replace temp table hashed as select unit_id, md5(unit_id) as hash from {CANDIDATES}")
            seconds.append(time.perf_counter() - started)
    return min(seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--folder", help="where the demo and the database are made; by default a temporary one")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(arguments.folder or temporary)
        raw, database = folder / "raw", folder / "tessera.duckdb"
        environment = os.environ | {
            "TESSERA_RAW": str(raw), "TESSERA_DATABASE": str(database), "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"), "DBT_PROFILES_DIR": str(folder), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "profiles.yml").write_text((ROOT / "profiles.yml.example").read_text())
        if not raw.exists():
            subprocess.run(
                [sys.executable, "-m", "tools.demo", "--customers", "100", "--raw", str(raw)], cwd=ROOT, check=True, stdout=-3
            )
        launch = json.loads((raw / "_demo.json").read_text())["launch"]
        dbt(environment, "build", "--exclude-resource-type", "test", "unit_test", "--select", "+int_experiment_external_assignments",
            "+int_experiment_draws", "+experiment_assignments", "--vars", f"{{as_of: '{launch}'}}")
        with duckdb.connect(str(database)) as connection:
            [(key, segment)] = connection.execute(
                "select experiment_key, segment_id from main.experiments where status = 'running' and unit_type = 'customer'"
                " and assignment_source = 'hashed' and layer_from = 0 and layer_to = 1 order by experiment_key limit 1"
            ).fetchall()
            connection.execute(f"delete from {CANDIDATES}")
            connection.execute(
                f"insert into {CANDIDATES} by name select ? as experiment_key, 'customer' as unit_type, ? as segment_id,"
                " 'c_' || md5('user_id:u' || n::varchar) as unit_id, unit_id as hash_value from range(?) as units (n)",
                [key, segment, arguments.units],
            )
            before = connection.execute("select count(*) from main.experiment_assignments").fetchall()[0][0]
        best = floor(database)
        first = assigned(folder, environment, launch)
        with duckdb.connect(str(database), read_only=True) as connection:
            added = connection.execute("select count(*) from main.experiment_assignments").fetchall()[0][0] - before
        again = assigned(folder, environment, launch)
        print(f"{added:,} of {arguments.units:,} units assigned; floor {best:.2f} s (one md5 a unit)")
        print("| run | draws | ledger | together | times the floor |\n|---|---|---|---|---|")
        for name, seconds in (("first", first), ("again, nobody to add", again)):
            draws, ledger = (seconds[model] for model in MODELS)
            print(f"| {name} | {draws:.2f} s | {ledger:.2f} s | {draws + ledger:.2f} s | {(draws + ledger) / best:.1f} |")


if __name__ == "__main__":
    main()
