"""python -m tools.simulation (`make simulate`): run the studies on the built demo and write docs/simulation.md.

Exit status: 0 all that is asked for is so; 1 something is not, or there is no demo to draw from: the last lines say what.
"""

import argparse
import os
import shutil
import sys
import time
from pathlib import Path

import duckdb

from tools import dbt_in_process, project
from tools.simulation import FOLDER
from tools.simulation.measurement import Measurement, compiled
from tools.simulation.page import PAGE, heading, report
from tools.simulation.studies import SQL, run, studies

# Fewer units than these are no population to draw from.
LEAST = {"shoppers": 300, "trials": 30}


class NoDemo(Exception):
    """A reason, in one line, why there is nothing to draw from."""


def arguments(given: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.simulation", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replays", type=int, default=2000, help="experiments of a study (2000), 20 or more")
    parser.add_argument("--seed", type=int, default=1, help="another number draws other units and arms (1)")
    parser.add_argument("--page", type=Path, default=project.ROOT / PAGE, help=f"where to write ({PAGE})")
    options = parser.parse_args(given)
    if options.replays < 20:
        parser.error("--replays must be 20 or more")
    return options


def environment() -> dict[str, str]:
    """dbt compiles beside an empty database, as for a first build, and leaves its files in the folder of the simulation."""
    return {
        "DBT_PROFILES_DIR": os.environ.get("DBT_PROFILES_DIR") or str(project.ROOT),
        "DBT_TARGET_PATH": str(FOLDER / "target"),
        "DBT_LOG_PATH": str(FOLDER / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "TESSERA_RAW": str(project.raw_folder()),
        "TESSERA_DATABASE": str(FOLDER / "tessera.duckdb"),
    }


def read_outcomes(connection: duckdb.DuckDBPyConnection, database: Path) -> None:
    """The table demo_outcomes: experiment_unit_outcomes of the built demo."""
    try:
        connection.execute(f"attach {project.sql_text(database)} as built (read_only)")
        connection.execute("create table demo_outcomes as select * from built.main.experiment_unit_outcomes")
        connection.execute("detach built")
    except duckdb.CatalogException as error:
        raise NoDemo(f"{database} has no table experiment_unit_outcomes: run `make build` first.") from error
    except duckdb.IOException as error:
        raise NoDemo(project.one_line(error, database)) from error


def sizes(measurement: Measurement) -> dict[str, int]:
    found = {name: 0 for name in LEAST} | {
        row["population"]: row["units"]
        for row in measurement.rows("select population, count(*) as units from people group by population")
    }
    for name, least in LEAST.items():
        if found[name] < least:
            raise NoDemo(
                f"The built database has {found[name]} {name} with complete outcomes, and the simulation draws from "
                f"{least} or more: it takes the demo that `make build` makes where TESSERA_RAW is empty."
            )
    return found


def simulate(options: argparse.Namespace) -> int:
    began = time.monotonic()
    database = project.database()
    if not database.exists():
        raise NoDemo(f"There is no built database {database}: run `make build` first.")
    shutil.rmtree(FOLDER / "spill", ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    manifest = dbt_in_process.parse(environment())
    measurement = Measurement(manifest, compiled(manifest, environment()))
    read_outcomes(measurement.connection, database)
    measurement.run_file(SQL / "population.sql")
    populations = sizes(measurement)
    asked = studies(options.replays, **populations)
    for study in asked:
        run(measurement, study, options.seed)
        print(f"  {time.monotonic() - began:5.0f} s  {study.name}: {study.replays:,} experiments of {study.units:,} units",
              flush=True)  # fmt: skip
    found = report(measurement, asked)
    text = heading(found, asked, populations, options, time.monotonic() - began) + found.text()
    options.page.write_text(text, encoding="utf-8")
    outside = found.outside()
    print(f"{options.page}: {found.asked() - len(outside)} of {found.asked()} figures within their bounds")
    for line in outside:
        print(f"  outside: {line}")
    return int(bool(outside))


def main(given: list[str]) -> int:
    options = arguments(given)
    try:
        return simulate(options)
    except NoDemo as reason:
        print(reason, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
