"""Builds the project on a randomised study and holds its readout to statsmodels: fetch, map, dbt build, compare.

    .venv/bin/python -m examples.nsw.build

It builds a copy of the project with the example's seeds, as an adopter's would have their own. The demo's files, database
and target are left alone.
"""

import os
import shutil
import sys

import yaml

from examples import steps
from examples.nsw import compare, paths, records
from tools import project


def copy_project() -> None:
    """The project with the example's seeds in the place of those of the demo's experiments."""
    shutil.rmtree(paths.PROJECT, ignore_errors=True)
    project.copy_to(paths.PROJECT)
    shutil.copytree(paths.SEEDS, paths.PROJECT / "seeds", dirs_exist_ok=True)


def prepare() -> None:
    records.write_raw_files(paths.RAW)
    copy_project()
    # The ledger keeps what it was told once; the study is told anew.
    paths.DATABASE.unlink(missing_ok=True)


def main() -> int:
    os.environ.setdefault("DBT_PROFILES_DIR", str(paths.ROOT))
    variables = yaml.safe_dump(paths.VARIABLES)
    return steps.build("build-nsw", paths, prepare, "--vars", variables, "--project-dir", str(paths.PROJECT)) or compare.main()


if __name__ == "__main__":
    sys.exit(main())
