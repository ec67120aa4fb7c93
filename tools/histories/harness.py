"""Histories: runs of one database over a world's loads, and what a rebuild of it says.

Before a run that is compared, the memory tables (models that are exempt from full refresh) are copied into a second
database, which is then built from nothing on the same raw files at the same moment. After it both must hold the same
rows: in every public mart, and in the memory itself.
"""

import csv
import datetime
import io
import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from tools import dbt_in_process
from tools.histories import world
from tools.histories.world import World, days
from tools.project import ROOT

BUILD = ("build", "--exclude-resource-type", "test", "unit_test")
PARTS = ("+int_identity_map", "+segment_memberships", "+experiment_assignments", "+customer_features")
# When a run wrote a row, which no other run can repeat: not compared of rows that the compared run wrote. Any other
# column of that kind would differ.
RUN_TIMES = {
    "base_privacy__tombstones": "erased_at",
    "int_experiment_ledger_log": "logged_at",
    "int_experiment_plans": "planned_at",
    "int_segment_membership_changes": "known_at",
    "segment_membership_history": "known_at",
}
# Of some histories: rows leave the build as time goes on, and are back when a past day is built.
RETENTION = {"retention_days": {"web/events": 40, "crm/contacts": 50, "crm/consents": 60, "ads/touches": 31}}


@dataclass
class Step:
    """One run: what is loaded before it, the day that it describes, and how often it is killed at the beginning."""

    kind: str
    until: datetime.datetime
    as_of: str
    arguments: tuple[str, ...] = ("run",)
    # Each as a share of what a run takes; at 1 or above the run was probably over.
    kills: list[float] = field(default_factory=list)
    # Killed and never repeated: the next step finds what it left.
    is_abandoned: bool = False
    is_compared: bool = False

    def __str__(self) -> str:
        until = f"{self.until:%d %b %H:%M}".removesuffix(" 00:00")
        words = [self.kind, f"to {until}", f"as of {self.as_of or 'the watermark'}"]
        if self.kills:
            words.append("killed at " + ", ".join(f"{share:.0%}" for share in self.kills))
        words += ["and not repeated"] * self.is_abandoned + ["compared"] * self.is_compared
        return " ".join(words)


KINDS = ("next day", "gap", "again", "quiet", "past", "during a day", "watermark", "full refresh", "part", "next day")


def plan(seed: int, runs: int, kills: int) -> list[Step]:
    """The steps of a history: its first build, a deck of all kinds in random order, and a last run that is compared."""
    dice = random.Random(f"plan {seed}")
    until = world.FIRST_RUN + days(dice.randrange(8))
    steps = [Step("first", until, f"{until:%Y-%m-%d}", BUILD)]
    deck: list[str] = []
    for _ in range(max(runs - 2, 0)):
        deck = deck or dice.sample(KINDS, len(KINDS))
        steps.append(step_of(deck.pop(), steps[-1], dice))
    to_the_end = dice.random() < 0.5
    last = world.END if to_the_end else steps[-1].until + days(dice.randrange(1, 5))
    steps.append(Step("end" if to_the_end else "last", last, f"{last:%Y-%m-%d}", is_compared=True))
    # Spread over the whole duration of a run, each somewhere in its share.
    for number in dice.sample(range(kills), kills):
        dice.choice(steps).kills.append((number + dice.random()) / kills)
    for before, step in zip(steps, steps[1:]):
        step.is_abandoned = bool(step.kills) and not step.is_compared and dice.random() < 0.3
        step.is_compared = step.is_compared or (
            step.kind not in ("part", "full refresh") and not step.is_abandoned and not before.is_compared
            and dice.random() < (0.6 if step.kills or step.kind == "past" else 0.15)
        )
    return steps


def step_of(kind: str, before: Step, dice: random.Random) -> Step:
    midnight = before.until.replace(hour=0)
    until, as_of = before.until, before.as_of
    if kind in ("next day", "full refresh", "watermark"):
        until = midnight + days(1)
        as_of = f"{until - days(dice.choice((0, 0, 1))):%Y-%m-%d}" if kind != "watermark" else ""
    elif kind in ("gap", "part"):
        until = midnight + days(dice.randrange(2, 9))
        as_of = f"{until:%Y-%m-%d}"
    elif kind == "quiet":
        as_of = f"{midnight + days(dice.randrange(1, 3)):%Y-%m-%d}"
    elif kind == "past":
        # With the newest files, or with those of the run before.
        until += days(dice.choice((0, 1)))
        as_of = f"{until - days(dice.randrange(2, 20)):%Y-%m-%d}"
    elif kind == "during a day":
        until += datetime.timedelta(hours=dice.choice((5, 8, 13)))
    arguments = BUILD if dice.random() < 0.15 else ("run",)
    if kind == "full refresh":
        arguments = ("run", "--full-refresh")
    elif kind == "part":
        arguments = ("run", "--select", dice.choice(PARTS))
    return Step(kind, min(until, world.END), as_of, arguments)


def repair(database: "Database", step: Step) -> None:
    """What docs/incremental.md tells to do where rows came later than the window allows, before the last run."""
    given, database.variables = database.variables, {**database.variables, "reload_late_rows": True}
    database.must(*step.arguments, as_of=step.as_of)
    database.variables = given


class Lab:
    """The project, parsed once, and what its manifest says of public marts and memories."""

    def __init__(self, folder: Path, project: Path = ROOT) -> None:
        self.folder, self.project = folder, project
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(project / "profiles.yml.example", folder / "profiles.yml")
        self.environment = {
            "DBT_PROFILES_DIR": str(folder),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            # A killed process leaves its locks behind, and Python says so when this one ends.
            "PYTHONWARNINGS": "ignore::UserWarning:multiprocessing.resource_tracker",
            "TESSERA_RAW": str(folder / "raw"),
            "TESSERA_DATABASE": str(folder / "tessera.duckdb"),
        }
        # With the data tests for those who want to run them: without, a run has less to look at.
        self.with_tests = dbt_in_process.parse(self.environment, project, data_tests=True)
        self.give_small_audiences()
        self.manifest = dbt_in_process.without_tests(self.with_tests.deepcopy())
        # What a run takes, by its arguments: as long as the last one that was not killed.
        self.seconds: dict[tuple[str, ...], float] = {}
        # Table: the most rows that it had in a comparison.
        self.compared: dict[str, int] = {}

    def give_small_audiences(self) -> None:
        """Destinations that take an audience of one person, and one of them every segment: a world is small."""
        def rows(name: str) -> list[dict]:
            with (self.project / "seeds" / f"{name}.csv").open(encoding="utf-8") as file:
                return list(csv.DictReader(file))

        routes = rows("segment_destinations")
        given = {
            "destinations": [{**row, "min_audience_size": 1} for row in rows("destinations")],
            "segment_destinations": [*routes, {**routes[0], "segment_id": "%"}],
        }
        for name, changed in given.items():
            text = io.StringIO()
            writer = csv.DictWriter(text, changed[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(changed)
            dbt_in_process.give_seed(self.with_tests, self.folder, name, text.getvalue())

    def models(self) -> list:
        """Models that stand in the database as tables, each after those that it reads."""
        found: dict[str, object] = {}

        def visit(key: str) -> None:
            node = self.manifest.nodes.get(key)
            if node is None or key in found or node.resource_type != "model":
                return
            for parent in node.depends_on.nodes:
                visit(parent)
            found[key] = node

        for key in sorted(self.manifest.nodes):
            visit(key)
        return [node for node in found.values() if node.config.materialized not in ("ephemeral", "view")]

    def public(self) -> list:
        tables = self.models()
        models = [node for node in self.manifest.nodes.values() if node.resource_type == "model"]
        marts = [node for node in models if node.access == "public"]
        assert all(mart in tables for mart in marts), "a public mart is no table: what it shows is not compared"
        return marts

    def memory(self) -> list:
        return [node for node in self.models() if node.config.full_refresh is False]


class Database:
    """One database file; dbt knows it by its name, hence a folder for each."""

    def __init__(self, lab: Lab, folder: Path, raw: Path, variables: dict) -> None:
        self.lab, self.variables = lab, variables
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.path = folder / "tessera.duckdb"
        self.environment = lab.environment | {"TESSERA_RAW": str(raw), "TESSERA_DATABASE": str(self.path)}

    def dbt(self, *arguments: str, as_of: str, callbacks=()):
        manifest = self.lab.with_tests if arguments == ("test",) else self.lab.manifest
        return dbt_in_process.invoke(
            manifest, self.environment, *arguments,
            project=self.lab.project, callbacks=callbacks, as_of=as_of, **self.variables,
        )

    def must(self, *arguments: str, as_of: str) -> None:
        result = self.dbt(*arguments, as_of=as_of)
        if not result.success:
            what = f"dbt {' '.join(arguments)} as of {as_of or 'the watermark'}"
            raise Failed(f"{what}: {dbt_in_process.problems(result)}")

    def kill(self, step: Step, share: float) -> int | None:
        """Start the step in a process of its own and kill it; how many seeds and models it had made, and None where it
        was over before."""
        progress, done = os.pipe()
        process = os.fork()
        if not process:
            code = 1
            try:
                os.setpgid(0, 0)
                for output in (1, 2):
                    os.dup2(os.open(os.devnull, os.O_WRONLY), output)
                tell = lambda event: event.info.name == "NodeFinished" and os.write(done, b".")  # noqa: E731
                result = self.dbt(*step.arguments, as_of=step.as_of, callbacks=[tell])
                code = int(not result.success)
                os.write(done, b" " + dbt_in_process.problems(result).encode()[:5000])
            finally:
                os._exit(code)
        os.close(done)
        # Said by both, so that it holds whichever is first.
        os.setpgid(process, process)
        try:
            time.sleep(share * self.lab.seconds.get(step.arguments, 8.0))
        finally:
            os.killpg(process, signal.SIGKILL)
            _, status = os.waitpid(process, 0)
        with os.fdopen(progress, encoding="utf-8", errors="replace") as told:
            made, _, problem = told.read().partition(" ")
        if os.WIFEXITED(status) and os.WEXITSTATUS(status):
            raise Failed(f"{step}: the run failed before it was killed, {problem}")
        return len(made) if os.WIFSIGNALED(status) else None


class Failed(Exception):
    """A run that failed, or rows that differ."""


@dataclass
class History:
    lab: Lab
    seed: int
    runs: int
    kills: int
    beyond: bool = False
    # Data tests after the last run.
    tests: bool = True
    # Seeds and models that each killed run had made.
    cut_short: list[int] = field(default_factory=list)
    comparisons: int = 0
    rows: int = 0
    loaded: int = 0
    done: list[Step] = field(default_factory=list)

    @property
    def variables(self) -> dict:
        return RETENTION if self.seed % 3 == 0 else {}

    def new_database(self, name: str) -> Database:
        return Database(self.lab, self.folder / name, self.raw, self.variables)

    def play(self) -> Iterator[Step]:
        """Every step, after it was taken. Raises Failed."""
        self.folder = self.lab.folder / f"history-{self.seed}"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.raw = self.folder / "raw"
        self.world = World(self.seed, beyond=self.beyond)
        self.database = self.new_database("history")
        steps = plan(self.seed, self.runs, self.kills)
        for step in steps:
            self.done.append(step)
            self.take(step, is_last=step is steps[-1])
            yield step
        if self.tests:
            self.database.must("test", as_of=steps[-1].as_of)

    def take(self, step: Step, is_last: bool) -> None:
        self.loaded += self.world.load(self.raw, step.until)
        # As dbt writes it, without fractions of a second.
        self.began = datetime.datetime.now(datetime.UTC).replace(microsecond=0, tzinfo=None)
        rebuilt = self.new_database("rebuilt")
        # What came too late for the window is missing until the repair before the last run.
        is_compared = is_last if self.beyond else step.is_compared
        if is_compared:
            copy_memory(self.lab, self.database, rebuilt)
        for share in step.kills:
            made = self.database.kill(step, share)
            self.cut_short += [] if made is None else [made]
        if step.is_abandoned:
            return
        if is_last and self.beyond:
            repair(self.database, step)
        began = time.monotonic()
        self.database.must(*step.arguments, as_of=step.as_of)
        self.lab.seconds[step.arguments] = time.monotonic() - began
        if is_compared:
            rebuilt.must(*BUILD, "--full-refresh", as_of=step.as_of)
            self.compare(rebuilt, step)

    def compare(self, rebuilt: Database, step: Step) -> None:
        self.comparisons += 1
        lab = self.lab
        counts, problems = differences(self.database, rebuilt, [*lab.public(), *lab.memory()], self.began)
        self.rows += sum(counts.values())
        for name, count in counts.items():
            lab.compared[name] = max(count, lab.compared.get(name, 0))
        if problems:
            # Where it began: the first tables on the way that differ.
            _, all_problems = differences(self.database, rebuilt, lab.models(), self.began, examples=0)
            first = [line.split(":")[0] for line in all_problems][:5]
            where = f"first to differ, in the order of the build: {first}"
            raise Failed("\n".join([f"after {step}:", *problems, where]))


def copy_memory(lab: Lab, one: Database, other: Database) -> None:
    """The memory tables as they are, into a database that holds nothing yet."""
    if not one.path.exists():
        return
    with duckdb.connect(str(other.path)) as connection:
        connection.execute(f"attach '{one.path}' as one (read_only)")
        there = "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'one'"
        names = {name for (name,) in connection.execute(there).fetchall()}
        for node in lab.memory():
            name = f"{node.schema}.{node.alias}"
            if name in names:
                connection.execute(f"create schema if not exists {node.schema}")
                connection.execute(f"create table {name} as from one.{name}")


def differences(
    one: Database, other: Database, nodes: list, began: datetime.datetime, examples: int = 3
) -> tuple[dict[str, int], list[str]]:
    """How many rows each table has, and a paragraph for each that the two databases hold differently: as multisets of
    rows, to the last digit of every figure. `began` is when the run that is compared did."""
    counts, problems = {}, []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one.path}' as history (read_only); attach '{other.path}' as rebuilt (read_only)")
        for node in nodes:
            name = f"{node.schema}.{node.alias}"
            names = [
                [row[0] for row in connection.execute(f"describe {database}.{name}").fetchall()]
                for database in ("history", "rebuilt")
            ]
            if set(names[0]) != set(names[1]):
                problems.append(f"{name}: columns {sorted(set(names[0]) ^ set(names[1]))} in one of the two alone")
                continue
            columns = ", ".join(
                f"case when {column} < '{began}' then {column} end as {column}"
                if column == RUN_TIMES.get(node.name) else f'"{column}"'
                for column in names[0]
            )
            (counts[name],) = connection.execute(f"select count(*) from rebuilt.{name}").fetchone()
            lines = []
            for left, right, word in (("rebuilt", "history", "missing"), ("history", "rebuilt", "extra")):
                found = connection.execute(
                    f"select {columns} from {left}.{name} except all select {columns} from {right}.{name} order by all"
                ).fetchall()
                if found:
                    lines.append(f"  {len(found)} rows {word}")
                    lines += [f"    {tuple(str(value) for value in row)}" for row in found[:examples]]
            if lines:
                problems.append("\n".join([f"{name}: of {counts[name]} rows", *lines]))
    return counts, problems
