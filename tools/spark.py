"""`make build-spark`, `make test-spark` and its short form: the project on Apache Spark, on a small demo of its own.

dbt runs in the environment .build/spark, and Spark starts two executor processes beside it (`local-cluster`), so that
what only works within one process fails. Raw files, tables and logs stay in .build/spark_demo. The demo's two chapters
are built as `make build` builds them. The test gives DuckDB the same raw files at the same moments, and every
mart must have the same rows in both, after each chapter. Between the two a person asks to be erased. The short form ends
after the first.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from tools import build as driver
from tools import compare, dbt_build, project

FOLDER = project.ROOT / ".build" / "spark_demo"
JAVA_LOG = FOLDER / "logs" / "java.log"
SPARK_DBT = project.ROOT / ".build" / "spark" / "bin" / "dbt"
CUSTOMERS, SEED = "300", "7"
MASTER = "local-cluster[2,1,1024]"
OLDEST_JAVA = 17
# dbt's unit tests give each model rows of their own, which is asked on DuckDB.
MODELS = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
DATA_TESTS = ("--resource-type", "test")
# Equal rows pass equal tests, and each takes Spark seconds: it is asked those that have SQL of their own.
OWN_TESTS = ("--select", "test_type:singular")


class CannotBuild(Exception):
    """A reason, in one line, why there is nothing to start with."""


# --- Java ------------------------------------------------------------------------------------------------------------


def java_version(said: str) -> int | None:
    """The major version in what `java -version` says: 17 of "17.0.15", 8 of "1.8.0_402"."""
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(found[1]) if found else None


def check_java() -> None:
    home = os.environ.get("JAVA_HOME")
    program = str(Path(home, "bin", "java")) if home else "java"
    need = f"Apache Spark needs Java {OLDEST_JAVA} or newer"
    remedy = "Install one (Debian and Ubuntu: apt-get install openjdk-17-jre-headless) or name it in JAVA_HOME."
    try:
        asked = subprocess.run([program, "-version"], capture_output=True, text=True)
    except OSError as error:
        raise CannotBuild(f"{need}; there is no {program}. {remedy}") from error
    version = java_version(asked.stderr + asked.stdout)
    if asked.returncode or version is None:
        raise CannotBuild(f"{need}; {program} does not say which it is. {remedy}")
    if version < OLDEST_JAVA:
        raise CannotBuild(f"{need}; {program} is Java {version}. {remedy}")


# --- Building --------------------------------------------------------------------------------------------------------


def use_own_folders() -> None:
    """Nothing that is yours is read or written."""
    for name in ("profile", "logs"):
        (FOLDER / name).mkdir(parents=True, exist_ok=True)
    shutil.copy(project.ROOT / "profiles.yml.example", FOLDER / "profile" / "profiles.yml")
    os.environ |= {
        "TESSERA_RAW": str(FOLDER / "raw"),
        "TESSERA_DATABASE": str(FOLDER / "tessera.duckdb"),
        "TESSERA_SPARK": str(FOLDER),
        "TESSERA_SPARK_MASTER": os.environ.get("TESSERA_SPARK_MASTER") or MASTER,
        "DBT_PROFILES_DIR": str(FOLDER / "profile"),
        "DBT_LOG_PATH": str(FOLDER / "logs"),
        # Three short-lived processes on few cores: Java's second compiler costs more than it gives.
        "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    }


def build(engine: str, *arguments: str) -> None:
    """`dbt build` on Spark or DuckDB. Each has a target folder of its own: dbt would parse anew at each turn."""
    os.environ["DBT_TARGET_PATH"] = str(FOLDER / f"target_{engine}")
    if engine == "spark":
        # Spark has much to say of its start and its end, and none of it matters where dbt succeeds.
        with JAVA_LOG.open("a", encoding="utf-8") as log:
            outcome = dbt_build.run("--target", engine, *arguments, program=SPARK_DBT, stderr=log)
    else:
        outcome = dbt_build.run("--target", engine, *arguments)
    if outcome.code:
        for line in outcome.explanations:
            print(line, flush=True)
        logs = f"{FOLDER / 'logs' / 'dbt.log'} and {JAVA_LOG.name} beside it"
        raise CannotBuild(f"The build on {engine} failed; the lines above, {logs} say why.")


def make_demo(chapter: int, ledger: Path | None = None) -> None:
    more = ["--database", str(ledger)] if ledger else []
    scale = ["--customers", CUSTOMERS, "--seed", SEED, "--chapter", str(chapter)]
    if project.python("-m", "tools.demo", "--raw", str(FOLDER / "raw"), *scale, *more):
        raise CannotBuild("The demo's raw files could not be made; the line above says why.")


def launch() -> str:
    return project.demo_marker(FOLDER / "raw")["launch"]


# --- What Spark built ------------------------------------------------------------------------------------------------


def spark_table(mart: compare.Mart) -> str:
    """The files of a mart's table, as DuckDB reads them."""
    folder = project.as_pattern(FOLDER / "warehouse" / f"{mart.schema}.db" / mart.table)
    return f"read_parquet({project.sql_text(f'{folder}/*.parquet')})"


def marts() -> list[compare.Mart]:
    return compare.marts(FOLDER / "target_spark" / "manifest.json")


def copy_of_marts(path: Path) -> Path:
    """Spark's marts as a DuckDB file: what the demo's generator reads the ledger of."""
    path.unlink(missing_ok=True)
    with compare.opened(path, read_only=False) as connection:
        for mart in marts():
            connection.execute(f'create schema if not exists "{mart.schema}"')
            connection.execute(f'create table "{mart.schema}"."{mart.table}" as from {spark_table(mart)}')
    return path


def ask_to_be_erased(marts: Path) -> None:
    """A raw file with the request of a person who is in an experiment: between two builds nobody of the demo asks, and
    the ledger would only be added to."""
    folder = FOLDER / "raw" / "privacy" / "erasure_requests"
    with compare.opened(marts, read_only=True) as connection:
        connection.execute(
            "create temporary table requests as select"
            " 'between-the-chapters' as request_id, 'user_id' as identifier_type,"
            " min(identifiers.identifier_value) as identifier_value, cast(? as timestamp) as requested_at"
            " from main.experiment_assignments as ledger inner join main.customer_identifiers as identifiers"
            " on ledger.unit_id = identifiers.customer_id and identifiers.identifier_type = 'user_id'",
            [launch()],
        )
        if connection.execute("select identifier_value from requests").fetchone()[0] is None:
            raise CannotBuild("Nobody with a user_id is in an experiment of the demo, so nobody can ask to be erased.")
        file = project.sql_text(folder / "part-between-the-chapters.parquet")
        connection.execute(f"copy requests to {file} (format parquet)")


def compare_marts() -> list[str]:
    """The names of the marts that differ."""
    with compare.opened(project.database(), read_only=True) as connection:
        found = compare.compare(
            connection, marts(), lambda mart: f'"{mart.schema}"."{mart.table}"', spark_table
        )
    return [mart for mart, differences in found.items() if differences]


# --- The two commands ------------------------------------------------------------------------------------------------


def run(is_test: bool, is_short: bool) -> list[str]:
    """Both chapters from the beginning, or one; the marts that differ."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    use_own_folders()
    differing = []

    def take(title: str, *arguments: str) -> None:
        if is_test:
            print(f"{title}, on DuckDB", flush=True)
            build("duckdb", *MODELS, *arguments)
        print(f"{title}, on Spark ({os.environ['TESSERA_SPARK_MASTER']})", flush=True)
        build("spark", *MODELS, *arguments)
        if is_test:
            differing.extend(f"{mart} ({title})" for mart in compare_marts())

    make_demo(1)
    take(f"Chapter 1, as of {launch()}", "--vars", json.dumps({"as_of": launch()}))
    if is_short:
        return differing
    built = copy_of_marts(FOLDER / "chapter_1.duckdb")
    make_demo(2, built)
    ask_to_be_erased(built)
    take("Chapter 2")
    if is_test:
        print("The data tests, on DuckDB", flush=True)
        build("duckdb", *DATA_TESTS)
        print("Those with SQL of their own, on Spark", flush=True)
        build("spark", *OWN_TESTS)
    return differing


def main(names: list[str]) -> int:
    if names not in (["java"], ["build"], ["test"], ["short"]):
        print("Say what to do: java, build, test or short.")
        return 2
    began = time.monotonic()
    try:
        check_java()
        if names == ["java"]:
            return 0
        differing = run(is_test=names != ["build"], is_short=names == ["short"])
    except CannotBuild as reason:
        print(reason)
        return 1
    except KeyboardInterrupt:
        print("Stopped.")
        return 130
    seconds = time.monotonic() - began
    if names == ["build"]:
        print(f"Built {len(marts())} marts on Spark in {FOLDER / 'warehouse'} in {seconds:.0f} seconds.")
    elif differing:
        print(f"Spark and DuckDB differ in {', '.join(differing)}; {seconds:.0f} seconds.")
    else:
        print(f"All {len(marts())} marts are equal on Spark and DuckDB; {seconds:.0f} seconds.")
    return 1 if differing else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, driver.stop)
    sys.exit(main(sys.argv[1:]))
