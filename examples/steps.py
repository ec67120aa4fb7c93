"""The steps that every example takes: prepare its raw files, then dbt build, each failure in a line."""

import os
import sys
from collections.abc import Callable
from types import ModuleType

import duckdb

from examples.fetch import FetchError
from tools import dbt_build, project


def build(target: str, paths: ModuleType, prepare: Callable[[], None], *arguments: str) -> int:
    """`dbt build` with these arguments, on what `prepare` writes into the folders that `paths` names; `target` is what make
    calls it."""

    def stop(reason: str) -> int:
        print(f"{target}: {reason}", file=sys.stderr)
        return 1

    # Every step, in this process or in its own, reads where the files are from the environment.
    os.environ["TESSERA_RAW"] = str(paths.RAW)
    os.environ["TESSERA_DATABASE"] = str(paths.DATABASE)
    try:
        prepare()
    except FetchError as error:
        return stop(str(error))
    except OSError as error:
        return stop(f"{error.strerror}: {error.filename or paths.DATA}")
    except duckdb.Error as error:
        return stop(f"the tables cannot be written to {paths.RAW}: {project.as_line(error)}")
    try:
        # Said here in one line, where the file is in use or cannot be written; dbt would say it in twenty.
        duckdb.connect(str(paths.DATABASE)).close()
    except duckdb.Error as error:
        return stop(project.one_line(error, paths.DATABASE))

    outcome = dbt_build.run(*arguments, "--target-path", str(paths.TARGET), "--log-path", str(paths.LOGS))
    if outcome.code:
        reason = f"dbt build failed; the lines above say where, {paths.LOGS} says more"
        return stop("\n".join((reason, *outcome.explanations)))
    return 0
