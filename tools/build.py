"""`make build`: from raw files, or from none, to a built database, a published copy of it and a summary.

With raw files of your own this is `dbt build`, told in few lines, and a summary. Without, the demo is made, and it lives
in two chapters: a build at the launch date fills the experiments' assignment ledger; then the demo's customers respond to the arm that the
ledger gave them, and a build at the end of the data measures that. Each step asks first whether its result stands, so a
run that was stopped anywhere is completed by the next one.
"""

import fcntl
import json
import os
import shutil
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import duckdb

from tools import dbt_build, project, publish, summary

DEMO_CUSTOMERS = 20_000
DEMO_SEED = 7
LITTLE_SPACE = 50 * 2**20
LEDGER = "main.experiment_assignments"


class CannotBuild(Exception):
    """A reason, in one line, why there is nothing to start with."""


def say(line: str) -> None:
    print(line, flush=True)


# --- The database, before dbt opens it -------------------------------------------------------------------------------


def open_database(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotBuild(
            f"The database's folder {path.parent} cannot be made: {error.strerror}."
        ) from error
    # DuckDB opens an existing file of a read-only folder and fails at its first write, so the folder is asked itself.
    if not os.access(path.parent, os.W_OK):
        raise CannotBuild(
            f"The database {path} cannot be written: its file or folder is read-only for this user."
        )
    try:
        return duckdb.connect(str(path))
    except duckdb.Error as error:
        raise CannotBuild(project.one_line(error, path)) from error


def claim(path: Path) -> TextIO:
    """One `make build` a database at a time: two would write the same raw files between each other's steps. Held while
    the returned file is open; a process that dies lets go of it."""
    try:
        handle = open(path.with_name(path.name + ".building"), "w")
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise claimed(path) from error
    except OSError as error:
        raise CannotBuild(project.one_line(error, path)) from error
    return handle


def claimed(path: Path) -> CannotBuild:
    return CannotBuild(f"Another `make build` is at work on {path}. Wait until it ends.")


def check_database(raw: Path, path: Path) -> None:
    """What `main` asks of the database, without a trace: nothing is made, and nothing written. For `make doctor`."""
    try:
        with open(path.with_name(path.name + ".building"), "rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise claimed(path) from error
    except OSError:
        pass
    try:
        # Open in another process that writes: DuckDB says which.
        with duckdb.connect(str(path), read_only=True) as connection:
            check_raw_files(connection, raw, path, is_demo(raw))
        # And that reads: a build would wait for the same lock in vain.
        with open(path, "r+b") as handle:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise CannotBuild(project.one_line(OSError("lock on file"), path)) from error
    except (duckdb.Error, OSError) as error:
        raise CannotBuild(project.one_line(error, path)) from error


def check_raw_files(connection: duckdb.DuckDBPyConnection, raw: Path, path: Path, of_demo: bool) -> None:
    """Keep a database of the demo and one of real records apart: the assignment ledger is never rebuilt, so a unit of
    the demo that once stands in it would stay in the experiments for good."""
    try:
        known = connection.execute("select is_demo, folder from tessera_build.raw_files").fetchone()
    except duckdb.CatalogException:
        return
    if known is not None and known[0] != of_demo:
        built_from, now = ("the demo's", "your own") if known[0] else ("your own", "the demo's")
        raise CannotBuild(
            f"The database {path} was built from {built_from} raw files ({known[1]}) and TESSERA_RAW now names {now} "
            f"({raw}). Name another file in TESSERA_DATABASE, or remove this one."
        )


def remember_raw_files(raw: Path, path: Path, of_demo: bool) -> None:
    """Said of a database when its first build begins, not before: a demo that was stopped while its files were made
    leaves the database free."""
    with open_database(path) as connection:
        connection.execute("create schema if not exists tessera_build")
        connection.execute("create table if not exists tessera_build.raw_files (folder text, is_demo boolean)")
        connection.execute(
            "insert into tessera_build.raw_files select ?, ? where not exists (from tessera_build.raw_files)",
            [str(raw), of_demo],
        )


def ledger_is_filled(path: Path) -> bool:
    with open_database(path) as connection:
        try:
            return connection.execute(f"select count(*) from {LEDGER}").fetchone()[0] > 0
        except duckdb.CatalogException:
            return False


# --- The raw folder ---------------------------------------------------------------------------------------------------


def listed(names: list[str], most: int = 3) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most:,} more" if len(names) > most else "")


def misplaced_files(raw: Path) -> list[str]:
    """The files in the raw folder that no table of the contract reads, as paths in it. Names that begin with `_` or `.`
    are anybody's own."""
    files = []
    for folder, folders, names in os.walk(raw):
        folders[:] = sorted(name for name in folders if not name.startswith(("_", ".")))
        files += [Path(folder, name) for name in sorted(names) if not name.startswith(("_", "."))]
    read = set(project.raw_files(raw))
    return [str(file.relative_to(raw)) for file in files if file not in read]


def is_demo(raw: Path) -> bool:
    """Whether a build would be one of the demo, which it makes where there is nothing."""
    return project.demo_marker(raw) is not None or not project.raw_files(raw)


def check_layout(raw: Path) -> str | None:
    """A folder that holds files is meant to be built from: where none is read, nobody wants a demo in it; where some are
    not, their rows would be missing in silence, so a line says it."""
    if project.demo_marker(raw) is not None:
        return None
    misplaced = misplaced_files(raw)
    shape = "<source>/<table>/*.parquet, e.g. web/events/part-0.parquet or shop/orders/part-0.parquet"
    if misplaced and not project.raw_files(raw):
        raise CannotBuild(
            f"{raw} holds {listed(misplaced)}, and no file where the input contract has it: {shape} "
            "(docs/input-contract.md)."
        )
    parquet = [name for name in misplaced if name.endswith(".parquet")]
    if parquet:
        return f"not read from {raw}, because only {shape} of the input contract is: {listed(parquet)}"
    return None


def check_place_of_demo(raw: Path) -> None:
    """A demo is made without a question, so a TESSERA_RAW that leads nowhere is mistyped."""
    if os.environ.get("TESSERA_RAW") and not raw.parent.exists():
        raise CannotBuild(
            f"TESSERA_RAW names {raw}, and not even {raw.parent} exists. Correct it, or make that folder to have a demo "
            "made in it."
        )


def announce_demo(raw: Path, customers: int) -> None:
    """And one that leads to nothing has to be seen at once."""
    check_place_of_demo(raw)
    if raw.exists() or not os.environ.get("TESSERA_RAW"):
        say(f"No raw files in {raw}: making a demo with {customers:,} customers there.")
    else:
        say(f"TESSERA_RAW names {raw}, which does not exist: making a demo with {customers:,} customers there")
        say("(stop with Ctrl-C if you meant data of your own).")


# --- The steps -------------------------------------------------------------------------------------------------------


def explain_failure(path: Path, outcome: dbt_build.Outcome, what: str, again: str) -> None:
    """After dbt failed: what it could not say, and last what to do about it. `what` failed, and `again` is what to run
    when that is put right."""
    logs = Path(os.environ.get("DBT_LOG_PATH", "logs"))
    try:
        tail = (project.ROOT / logs / "dbt.log").read_bytes()[-200_000:].decode("utf-8", errors="replace")
    except OSError:
        tail = ""
    free = shutil.disk_usage(path.parent).free
    say(f"{what} failed. The lines above say where, {logs}/dbt.log says it at length.")
    if outcome.built:
        say("What does not depend on it is built. The next `make build` builds everything again.")
    else:
        say(f"Nothing was built. Put right what is named, then run {again}.")
    say(publish.standing(project.published()))
    if "No space left on device" in tail or "max_temp_directory_size" in tail or free < LITTLE_SPACE:
        say(f"The disk is full: {free // 2**20} MB are left beside the database {path}.")
    for line in (*damaged_files(project.raw_folder()), *outcome.explanations):
        say(line)


def rows_of(file: Path) -> int:
    """Rows of a raw file, from its footer, or why there is none to read: DuckDB does not always name the file itself."""
    try:
        ((rows,),) = duckdb.execute(
            "select coalesce(sum(num_rows), 0) from parquet_file_metadata(?)", [project.as_pattern(file)]
        ).fetchall()
    except (duckdb.Error, OSError) as error:
        raise CannotBuild(
            f"The raw file {file} cannot be read ({project.as_line(error)}). Export it again, or move it away."
        ) from error
    return int(rows)


def damaged_files(raw: Path) -> list[str]:
    lines = []
    for file in project.raw_files(raw):
        try:
            rows_of(file)
        except CannotBuild as reason:
            lines.append(str(reason))
    return lines


def build(*arguments: str, what: str = "The build", again: str = "`make build` again") -> None:
    outcome = dbt_build.run(*arguments)
    if outcome.code:
        explain_failure(project.database(), outcome, what, again)
        sys.exit(outcome.code)


def make_demo(raw: Path, chapter: int, customers: int, seed: int, *more: str) -> None:
    scale = ["--customers", str(customers), "--seed", str(seed)]
    code = project.python("-m", "tools.demo", "--raw", str(raw), "--chapter", str(chapter), *scale, *more)
    if code:
        say(f"The demo's raw files could not be made in {raw}; the line above says why.")
        sys.exit(code)


def demo_customers() -> int:
    given = os.environ.get("TESSERA_DEMO_CUSTOMERS", str(DEMO_CUSTOMERS))
    if not given.isdigit() or not 100 <= int(given) <= 10_000_000:
        raise CannotBuild(
            f"TESSERA_DEMO_CUSTOMERS is a whole number from 100 to 10000000, not {given!r}."
        )
    return int(given)


def build_demo(raw: Path, path: Path) -> None:
    """Both chapters. The generator writes what is missing of each, and nothing where it is there."""
    customers, seed, history = demo_customers(), DEMO_SEED, ()
    marker = project.demo_marker(raw)
    if marker and marker["chapters"]:
        if customers != marker["customers"] and "TESSERA_DEMO_CUSTOMERS" in os.environ:
            say(
                f"The demo in {raw} has {marker['customers']:,} customers; "
                "remove that folder to have another one made."
            )
        customers, seed, history = marker["customers"], marker["seed"], ("--first-day", marker["first_day"])
    elif marker != {}:
        announce_demo(raw, customers)
    make_demo(raw, 1, customers, seed, *history)
    remember_raw_files(raw, path, of_demo=True)

    if not ledger_is_filled(path):
        launch = project.demo_marker(raw)["launch"]
        say(f"Chapter 1 of 2: a build as of {launch}, when the experiments start, assigns members to their arms.")
        # A unit test brings its own rows, so it would say the same in both chapters; the second one asks it.
        build("--vars", json.dumps({"as_of": launch}), "--exclude-resource-type", "unit_test")
    say("Chapter 2 of 2: the customers respond to their arm, and a build as of the demo's end measures that.")
    make_demo(raw, 2, customers, seed, *history, "--database", str(path))
    build()


def publish_what_is_built() -> int:
    """`make publish`: for whoever builds with dbt alone. Every data test is asked first."""
    path = project.database()
    try:
        if not path.exists():
            raise CannotBuild(f"There is no database {path}: run `make build`.")
        with claim(path):
            build(
                *("--resource-type", "test", "--exclude-resource-type", "unit_test"),
                what="A test of what is built", again="`dbt build` and `make publish` again",
            )
            say(publish.publish(path, project.published(), project.manifest()))
    except (CannotBuild, publish.CannotPublish) as reason:
        say(str(reason))
        return 1
    except KeyboardInterrupt:
        say(f"Stopped. {publish.standing(project.published())}")
        return 130
    return 0


def main() -> int:
    raw, path = project.raw_folder(), project.database()
    started = datetime.now(UTC)
    try:
        if notice := check_layout(raw):
            say(f"notice: {notice}")
        of_demo = is_demo(raw)
        with open_database(path) as connection:
            check_raw_files(connection, raw, path, of_demo)
        with claim(path):
            if of_demo:
                build_demo(raw, path)
            else:
                remember_raw_files(raw, path, of_demo=False)
                build()
            done = publish.publish(path, project.published(), project.manifest())
    except (CannotBuild, publish.CannotPublish) as reason:
        say(str(reason))
        return 1
    except duckdb.Error as error:
        say(project.one_line(error, path))
        return 1
    except KeyboardInterrupt:
        say("Stopped. The next `make build` goes on from here.")
        return 130
    say("")
    summary.main()
    seconds = (datetime.now(UTC) - started).total_seconds()
    say(f"\nBuilt {path} in {seconds:.0f} seconds. `make summary` prints this again.")
    say(done)
    return 0


def stop(signum: int, frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    sys.exit(publish_what_is_built() if sys.argv[1:] == ["publish"] else main())
