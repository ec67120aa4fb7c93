"""`make replay FROM=2026-03-01 TO=2026-03-31`: the history of memberships for days that no build has described.

Each day is built in turn, but no more than memberships, sizes and stability need. Days that were described before are
described again: what is the same stays as it is, and what late rows have changed is corrected. Afterwards the database
describes the day again that it described before.
"""

import argparse
import datetime
import os
import sys
import time
from pathlib import Path

import duckdb

from tools import project

WANTED = ("segment_sizes", "segment_stability", "segment_membership_history")
# All that they are made of; and of it, what another day changes.
EVERYTHING = tuple(f"+{name}" for name in WANTED)
BY_AS_OF = tuple(f"int_as_of+,+{name}" for name in WANTED)
COUNTS = """
    select
        (select count(*) from main.segment_memberships),
        count(*) filter (where customer_id is not null),
        count(*) filter (where customer_id is not null and observed_on <> cast(? as date)),
        count(*) filter (where change_type = 'observed')
    from main_intermediate.int_segment_membership_changes
    where run_number > ?
"""


class CannotReplay(Exception):
    """A reason, in one line, why nothing is replayed or why it stopped."""


def date(name: str, text: str) -> datetime.date:
    try:
        if len(text) != 10:
            raise ValueError
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise CannotReplay(f'{name} is a date of the calendar, "2026-03-01"; given is "{text}".') from None


def days(first: str, last: str, today: datetime.date) -> list[datetime.date]:
    begin, end = date("FROM", first), date("TO", last)
    if end < begin:
        raise CannotReplay(f"FROM is the first day and TO the last; {begin} is after {end}.")
    if end > today:
        raise CannotReplay(f"TO is {end}, which is still to come: today is {today} (UTC).")
    return [begin + datetime.timedelta(days=number) for number in range((end - begin).days + 1)]


def ask(database: Path, sql: str, *values):
    """One row of the database, or None where it has no such table."""
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            return connection.execute(sql, values).fetchone()
    except duckdb.CatalogException:
        return None
    except duckdb.Error as error:
        raise CannotReplay(project.one_line(error, database)) from None


def described(database: Path) -> str:
    """The day that the database describes, or nothing."""
    found = ask(database, "select strftime(as_of, '%Y-%m-%d') from main_intermediate.int_as_of") if database.exists() else None
    return found[0] if found else ""


def last_run(database: Path) -> int:
    sql = "select coalesce(max(run_number), 0) from main_intermediate.int_segment_membership_changes"
    found = ask(database, sql) if database.exists() else None
    return found[0] if found else 0


class Replay:
    def __init__(self, environment: dict[str, str]) -> None:
        # dbt takes seconds to load, and most mistakes are seen without it.
        from tools import dbt_in_process

        self.environment = environment
        self.database = Path(environment["TESSERA_DATABASE"])
        self.manifest = dbt_in_process.parse(environment)

    def describe(self, day: str, selection: tuple[str, ...]) -> None:
        from tools import dbt_in_process

        arguments = ("build", "--exclude-resource-type", "test", "unit_test", "--select", *selection)
        result = dbt_in_process.invoke(self.manifest, self.environment, *arguments, as_of=day)
        if not result.success:
            raise CannotReplay(f"{day} could not be built, and the history is as before it:\n{dbt_in_process.problems(result)}")

    def play(self, wanted: list[datetime.date]) -> None:
        before, began = described(self.database), time.monotonic()
        added = corrected = 0
        for number, day in enumerate(map(str, wanted)):
            run, started = last_run(self.database), time.monotonic()
            self.describe(day, BY_AS_OF if number else EVERYTHING)
            members, learned, elsewhere, is_new = ask(self.database, COUNTS, day, run)
            added += is_new
            corrected += elsewhere if is_new else learned
            what = f"{learned - elsewhere:,} changes" if is_new else f"seen before; {learned:,} corrections" if learned else \
                "seen before; nothing to correct"
            if is_new and elsewhere:
                what += f", {elsewhere:,} of the next observed day put right"
            print(f"  {day}: {members:,} memberships; {what}; {time.monotonic() - started:.0f} s", flush=True)
        if before and before != str(wanted[-1]):
            self.describe(before, BY_AS_OF)
        again = f"{before}, as before" if before else f"{wanted[-1]}"
        print(
            f"{len(wanted)} days, {added} of them new to the history; {corrected:,} changes corrected;"
            f" {time.monotonic() - began:.0f} s. Memberships are those of {again}.",
            flush=True,
        )


def environment() -> dict[str, str]:
    given = {"DBT_PROFILES_DIR": os.environ.get("DBT_PROFILES_DIR") or str(project.ROOT)}
    return {**project.environment(), **given}


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.replay", description=__doc__.splitlines()[0])
    parser.add_argument("first", metavar="FROM", help="the first day, 2026-03-01")
    parser.add_argument("last", metavar="TO", help="the last day, included")
    options = parser.parse_args(given)
    try:
        wanted = days(options.first, options.last, datetime.datetime.now(datetime.UTC).date())
        if not project.raw_files(project.raw_folder()):
            raise CannotReplay(f"There are no raw files in {project.raw_folder()} to replay: set TESSERA_RAW.")
        print(f"Replaying {wanted[0]} to {wanted[-1]} into {project.database()}", flush=True)
        # What holds the file is said before dbt begins.
        described(project.database())
        Replay(environment()).play(wanted)
    except CannotReplay as reason:
        print(reason)
        return 1
    except KeyboardInterrupt:
        print("Stopped. The days that were told of stay in the history.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
