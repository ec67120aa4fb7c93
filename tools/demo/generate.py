"""Run the SQL files of this folder and move what they produce into place. All content is decided in SQL."""

import hashlib
import json
import os
import shutil
import sys
import time
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb

from tools.demo import contract
from tools.project import put, sql_text

SQL_FOLDER = Path(__file__).parent / "sql"
MARKER = "_demo.json"
WORK_FOLDER, ARRIVALS = ".generating", "_arrivals"
# Raised whenever the same seed gives other rows than before.
VERSION = 2
DAY_ZERO, LAUNCH, FINAL = "2026-01-01", "2026-04-01", "2026-05-01"
# People made at once. Whole companies: a multiple of 80 (see sql/03_people.sql).
PEOPLE_AT_ONCE, PEOPLE_AT_ONCE_LONG = 40_000, 20_000
# The longest history that numbering of visits, newsletters and ads leaves room for.
EARLIEST_DAY = "2024-07-01"
# What `--events` asks for: so many events a customer before the launch, which is as many a day as without it.
EVENTS_PER_CUSTOMER, LONG_HISTORY = 100, "2024-12-12"
FEWEST_EVENTS, MOST_EVENTS = 10_000, 500_000_000
# What is written, as views over the tables of one piece: made once.
VIEWS = (
    "07_events", "08_order_records", "09_customer_records", "10_advertising", "11_dirt", "12_deliveries",
)


class DemoError(Exception):
    """Something the user can put right; the message says what."""


@dataclass
class Request:
    raw: Path
    customers: int = 20_000
    first_day: str = DAY_ZERO
    seed: int = 7
    chapter: int = 1
    database: Path | None = None
    threads: int | None = None
    overwrite: bool = False
    people_at_once: int | None = None

    @property
    def has_long_history(self) -> bool:
        return self.first_day < DAY_ZERO


def say(text: str) -> None:
    print(f"demo: {text}", file=sys.stderr, flush=True)


def generate(request: Request) -> bool:
    """Write one chapter. False where it was there already and nothing had to be done."""
    if request.customers < 100:
        raise DemoError(f"--customers is {request.customers}, but the demo needs at least 100")
    check_first_day(request.first_day)
    marker = read_marker(request.raw)
    if request.chapter == 1:
        return generate_first_chapter(request, marker)
    return generate_second_chapter(request, marker)


def check_first_day(first_day: str) -> None:
    try:
        is_possible = EARLIEST_DAY <= date.fromisoformat(first_day).isoformat() == first_day <= DAY_ZERO
    except ValueError:
        is_possible = False
    if not is_possible:
        raise DemoError(f"--first-day is {first_day}, but it has to be a day from {EARLIEST_DAY} to {DAY_ZERO}")


def size_of(events: int) -> tuple[int, str]:
    """Customers and first day of a demo with about so many events before the launch."""
    if not FEWEST_EVENTS <= events <= MOST_EVENTS:
        raise DemoError(f"--events is {events}, but it has to be from {FEWEST_EVENTS} to {MOST_EVENTS}")
    return round(events / EVENTS_PER_CUSTOMER), LONG_HISTORY


def generate_first_chapter(request: Request, marker: dict | None) -> bool:
    if marker and marker["chapters"] and not request.overwrite:
        check_same_demo(request, marker)
        say(f"chapter 1 is in {request.raw} already (seed {request.seed}, {request.customers:,} customers)")
        return False
    # Claim the folder first: a run that is killed leaves a demo without chapters, which the next run replaces.
    marker = new_marker(request)
    request.raw.mkdir(parents=True, exist_ok=True)
    write_marker(request.raw, marker)
    for table in contract.TABLES:
        shutil.rmtree(request.raw / table, ignore_errors=True)
    shutil.rmtree(request.raw / "_truth", ignore_errors=True)
    write_chapter(request, ledger=False)
    write_marker(request.raw, {**marker, "chapters": [1]})
    return True


def generate_second_chapter(request: Request, marker: dict | None) -> bool:
    if not marker or 1 not in marker["chapters"]:
        raise DemoError(f"{request.raw} has no chapter 1 yet: run `python -m tools.demo` first")
    check_same_demo(request, marker)
    fingerprint = ledger_fingerprint(request.database)
    if 2 in marker["chapters"] and not request.overwrite:
        if marker.get("ledger_fingerprint") == fingerprint:
            say(f"chapter 2 is in {request.raw} already and answers this ledger")
            return False
        say("the ledger has changed since chapter 2 was written: writing it again")
    write_marker(request.raw, {**marker, "chapters": [1]})
    for table in contract.TABLES:
        for stale in (request.raw / table).glob("part-chapter-2*.parquet"):
            stale.unlink()
    write_chapter(request, ledger=True)
    write_marker(request.raw, {**marker, "chapters": [1, 2], "ledger_fingerprint": fingerprint})
    return True


def new_marker(request: Request) -> dict:
    return {
        "generator": "tessera demo",
        "version": VERSION,
        "seed": request.seed,
        "customers": request.customers,
        "first_day": request.first_day,
        "launch": LAUNCH,
        "final": FINAL,
        "chapters": [],
    }


def read_marker(raw: Path) -> dict | None:
    """The folder's marker; None where the folder is empty or missing; an error where it holds something else."""
    if not raw.exists():
        return None
    if not raw.is_dir():
        raise DemoError(f"{raw} is not a folder")
    path = raw / MARKER
    if path.exists():
        try:
            marker = json.loads(path.read_text())
        except ValueError:
            marker = None
        kinds = {"seed": int, "customers": int, "first_day": str, "version": int, "launch": str, "chapters": list}
        if not isinstance(marker, dict) or any(not isinstance(marker.get(key), kind) for key, kind in kinds.items()):
            raise DemoError(f"{path} is not what the demo wrote there: remove {raw} or give another folder")
        return marker
    # Folders without a file in them are what a hopeful person made beforehand.
    found = sorted({
        file.relative_to(raw).parts[0] for file in raw.rglob("*") if not file.is_dir() and file.name != ".gitkeep"
    })
    if found:
        raise DemoError(
            f"{raw} holds {', '.join(found[:3])}{' ...' if len(found) > 3 else ''} and no {MARKER}: it is not a demo, "
            "and nothing was written. Give an empty folder with --raw or TESSERA_RAW"
        )
    return None


def write_marker(raw: Path, marker: dict) -> None:
    put(raw / MARKER, (json.dumps(marker, indent=2) + "\n").encode())


def check_same_demo(request: Request, marker: dict) -> None:
    wanted_demo = new_marker(request)
    for name in ("seed", "customers", "first_day", "version"):
        wanted = wanted_demo[name]
        if marker[name] != wanted:
            raise DemoError(
                f"{request.raw} holds a demo with {name} {marker[name]}, not {wanted}: give another folder, "
                "or --overwrite with --chapter 1 to replace it"
            )


def ledger_connection(database: Path | None) -> duckdb.DuckDBPyConnection:
    if database is None or not database.exists():
        raise DemoError(f"there is no database at {database}: build chapter 1 first (dbt build at {LAUNCH})")
    connection = duckdb.connect()
    try:
        connection.execute(f"attach {sql_text(database)} as warehouse (read_only)")
    except duckdb.Error as error:
        raise DemoError(f"{database} cannot be opened: {str(error).splitlines()[0]}") from error
    for table in ("experiment_assignments", "customer_identifiers"):
        try:
            connection.execute(f"select 1 from warehouse.main.{table} limit 0")
        except duckdb.Error as error:
            raise DemoError(
                f"{database} has no table main.{table}: build chapter 1 first (dbt build at {LAUNCH})"
            ) from error
    return connection


def ledger_fingerprint(database: Path | None) -> str:
    """Stands for who is in which arm: chapter 2 answers exactly one ledger."""
    with ledger_connection(database) as connection:
        digest = hashlib.md5()
        rows = connection.execute(
            "select concat_ws('/', experiment_key, unit_type, unit_id, arm_key) as line "
            "from warehouse.main.experiment_assignments order by line"
        )
        while batch := rows.fetchmany(100_000):
            digest.update("\n".join(line for (line,) in batch).encode())
        return digest.hexdigest()


def write_chapter(request: Request, ledger: bool) -> None:
    started = time.perf_counter()
    work = request.raw / WORK_FOLDER
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        try:
            counts = write_tables(request, work, ledger)
        except (duckdb.InternalException, duckdb.FatalException) as error:
            # DuckDB 2.0.0 now and then fails an assertion of its own where several threads share the dictionary of a
            # hash join ("dict-surviving cache"). One thread does not.
            say(f"DuckDB stumbled ({str(error).splitlines()[0][:80]}): once more, with one thread")
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir()
            counts = write_tables(replace(request, threads=1), work, ledger)
        # Everything is there in full; now it appears, file by file, each at once.
        for file in sorted(work.rglob("*.parquet")):
            target = request.raw / file.relative_to(work)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(file, target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    rows, tables = sum(counts.values()), sum(count > 0 for count in counts.values())
    say(
        f"chapter {request.chapter} is in {request.raw}: {rows:,} rows in {tables} tables "
        f"({time.perf_counter() - started:.1f} s)"
    )


def configure(connection: duckdb.DuckDBPyConnection, request: Request, work: Path) -> None:
    if request.threads:
        connection.execute(f"set threads = {int(request.threads)}")
    connection.execute("set temp_directory = ?", [str(work / "spill")])
    connection.execute("set preserve_insertion_order = false")
    connection.execute("set enable_progress_bar = false")
    # See profiles.yml.example: what these do to outer joins can end in an internal error, and in lost rows.
    connection.execute("set disabled_optimizers = 'build_side_probe_side,outer_join_simplification'")
    chapter_end = LAUNCH if request.chapter == 1 else FINAL
    variables = {
        "seed": str(int(request.seed)),
        "customers": str(int(request.customers)),
        "chapter": str(int(request.chapter)),
        "day_zero": f"timestamp '{DAY_ZERO}'",
        "first_day": str((date.fromisoformat(request.first_day) - date.fromisoformat(DAY_ZERO)).days),
        "launch": f"timestamp '{LAUNCH}'",
        "chapter_end": f"timestamp '{chapter_end}'",
        "first_person": "0",
        "last_person": "0",
    }
    for name, value in variables.items():
        connection.execute(f"set variable {name} = {value}")


def run(connection: duckdb.DuckDBPyConnection, *names: str) -> None:
    for name in names:
        connection.execute((SQL_FOLDER / f"{name}.sql").read_text())


def write_tables(request: Request, work: Path, ledger: bool) -> dict[str, int]:
    """Write every table of a chapter into the work folder; the number of rows of each."""
    with ledger_connection(request.database) if ledger else duckdb.connect() as connection:
        configure(connection, request, work)
        run(connection, "00_before_the_launch", "01_randomness", "02_catalogue")
        if ledger:
            run(connection, "20_ledger")
            tell_about_ledger(connection)
            if has_sent_batches(connection):
                run(connection, "24_uploads")
        counts = dict.fromkeys(contract.TABLES, 0)
        at_once = request.people_at_once or (PEOPLE_AT_ONCE_LONG if request.has_long_history else PEOPLE_AT_ONCE)
        pieces = range(0, request.customers, at_once)
        for piece, first in enumerate(pieces):
            connection.execute(f"set variable first_person = {first}")
            connection.execute(f"set variable last_person = {min(first + at_once, request.customers)}")
            make_people(connection, ledger)
            if piece == 0:
                run(connection, *VIEWS)
            for table in contract.TABLES:
                began = time.perf_counter()
                if table == "web/events" and request.has_long_history:
                    rows = collect_arrivals(connection, piece, work)
                else:
                    rows = copy_table(connection, table, request.chapter, piece, work)
                counts[table] += rows
                if time.perf_counter() - began > 1:
                    part = f", part {piece + 1} of {len(pieces)}" if len(pieces) > 1 else ""
                    say(f"{table}{part} ... {rows:,} rows, {time.perf_counter() - began:.1f} s")
        if request.has_long_history:
            copy_arrivals(connection, request.chapter, work)
        if ledger:
            run(connection, "23_truth")
            (work / "_truth").mkdir()
            copy_query(connection, "select * from planted_effects", work / "_truth" / "planted_effects.parquet")
    return counts


def make_people(connection: duckdb.DuckDBPyConnection, ledger: bool) -> None:
    run(connection, "03_people", "04_visit_slots", "05_visits")
    if ledger:
        # The visits before the launch decide who orders; then the visits are laid out again, with the orders.
        run(connection, "21_response", "05_visits", "22_expectations")
    run(connection, "06_orders")


def tell_about_ledger(connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.execute(
        "select planted_arms.experiment_key, count(ledger.unit_id) from planted_arms "
        "left join ledger on planted_arms.experiment_key = ledger.experiment_key group by all order by all"
    ).fetchall()
    absent = [experiment for experiment, units in rows if not units]
    if absent:
        say(f"{', '.join(absent)}: not in the ledger, nothing to respond to")
    unknown = connection.execute(
        "select string_agg(distinct experiment_key, ', ' order by experiment_key) from ledger "
        "where experiment_key not in (select experiment_key from planted_arms "
        "union all select experiment_key from external_arms)"
    ).fetchone()[0]
    if unknown:
        say(f"nothing is planted for {unknown}: nobody responds to it")


def has_sent_batches(connection: duckdb.DuckDBPyConnection) -> bool:
    """A ledger can be older than the memory of what was sent, or come without it."""
    table = "from duckdb_tables() where database_name = 'warehouse' and table_name = 'int_audience_batch_rows'"
    return bool(connection.execute(f"select 1 {table}").fetchall())


def copy_table(
    connection: duckdb.DuckDBPyConnection, table: str, chapter: int, piece: int, work: Path
) -> int:
    # Accounts change (a trial converts), so both chapters write them whole, under the same names.
    stem = "accounts" if table == "crm/accounts" else f"part-chapter-{chapter}"
    path = work / table / (f"{stem}-{piece:04d}.parquet" if piece else f"{stem}.parquet")
    path.parent.mkdir(parents=True, exist_ok=True)
    pairs = contract.columns(table)
    # Sorted by time where there is one: readers of a window then skip most of a file.
    times = [name for name, data_type in pairs if data_type in ("timestamp", "date")][:1]
    order = [*times, *(name for name, _ in pairs if name not in times)]
    rows = copy_query(
        connection,
        f"select {typed_columns(table)} from out_{table.replace('/', '__')} "
        f"order by {', '.join(f'{name} nulls first' for name in order)}",
        path,
    )
    # An empty file would only slow readers down; where a whole table is empty the contract asks for no file.
    if rows == 0:
        path.unlink()
    return rows


def typed_columns(table: str) -> str:
    return ", ".join(f"cast({name} as {data_type}) as {name}" for name, data_type in contract.columns(table))


def collect_arrivals(connection: duckdb.DuckDBPyConnection, piece: int, work: Path) -> int:
    """Set the events of one piece of the people aside, by the file in which they will arrive."""
    folder = work / ARRIVALS / f"{piece:04d}"
    folder.parent.mkdir(exist_ok=True)
    return copy_query(
        connection,
        f"select {typed_columns('web/events')}, arrival_file(received_at, occurred_at) as arrival from out_web__events",
        folder,
        "compression lz4_raw, partition_by (arrival)",
    )


def copy_arrivals(connection: duckdb.DuckDBPyConnection, chapter: int, work: Path) -> None:
    """Write what was set aside, file by file: all people's events of a week, or of a day of the last week."""
    began = time.perf_counter()
    (work / "web" / "events").mkdir(parents=True, exist_ok=True)
    order = ["coalesce(received_at, occurred_at)", *(name for name, _ in contract.columns("web/events"))]
    names = sorted({folder.name for folder in (work / ARRIVALS).glob("*/arrival=*")})
    for name in names:
        pieces = sql_text(work / ARRIVALS / "*" / name / "*.parquet")
        copy_query(
            connection,
            f"select * from read_parquet({pieces}, hive_partitioning = false) "
            f"order by {', '.join(f'{column} nulls first' for column in order)}",
            work / "web" / "events" / f"part-chapter-{chapter}-{name.removeprefix('arrival=')}.parquet",
        )
        for folder in (work / ARRIVALS).glob(f"*/{name}"):
            shutil.rmtree(folder)
    shutil.rmtree(work / ARRIVALS)
    say(f"web/events sorted into {len(names)} files, {time.perf_counter() - began:.1f} s")


def copy_query(
    connection: duckdb.DuckDBPyConnection, query: str, path: Path, options: str = "compression zstd"
) -> int:
    return connection.execute(f"copy ({query}) to {sql_text(path)} (format parquet, {options})").fetchone()[0]
