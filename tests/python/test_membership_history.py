"""Membership over time: whatever order the days come in, the history is that of the days, and a correction shows.

Most tests hold made-up memberships and run the SQL of the models themselves, as dbt compiled it, some hundred times; the
last ones let dbt run, on rows of raw files.
"""

import datetime
import random
import re
import subprocess
import sys
from collections import defaultdict

import duckdb
import pytest

from tools import dbt_in_process, project, replay

CHANGES = "main_intermediate.int_segment_membership_changes"
HISTORY, STABILITY = "main.segment_membership_history", "main.segment_stability"
FIRST = datetime.date(2026, 3, 1)


def day(number):
    return FIRST + datetime.timedelta(days=number)


# ---- A day's memberships, given ---------------------------------------------------------------------------------


def give(connection, as_of, members, erased=()):
    """The tables that the history reads, as a build of the day would leave them."""
    for schema in ("main_intermediate", "main_staging"):
        connection.execute(f"create schema if not exists {schema}")
    connection.execute("create or replace table main_intermediate.int_as_of as select cast(? as timestamp) as as_of", [as_of])
    connection.execute("create or replace table main.segment_memberships (segment_id varchar, customer_id varchar)")
    if members:
        connection.executemany("insert into main.segment_memberships values (?, ?)", sorted(members))
    connection.execute("create or replace table main_staging.stg_privacy__erased_customers (tombstone varchar)")
    for customer in erased:
        connection.execute(
            "insert into main_staging.stg_privacy__erased_customers select sha256('tessera:customer_id:' || ?)", [customer]
        )


class ByDbt:
    """The models as dbt runs them."""

    def __init__(self, warehouse, **variables):
        self.warehouse, self.variables = warehouse, variables
        # dbt wants a raw file to begin with; nothing reads it.
        warehouse.write("web/events", [])

    def observe(self, as_of, members, erased=(), full_refresh=False):
        with duckdb.connect(str(self.warehouse.database)) as connection:
            give(connection, as_of, members, erased)
        arguments = ["--full-refresh"] * full_refresh
        names = [name.split(".")[1] for name in (CHANGES, HISTORY, STABILITY)]
        result = dbt_in_process.invoke(
            self.warehouse.manifest, self.warehouse.environment, "run", *arguments, "--select", *names, **self.variables
        )
        assert result.success, dbt_in_process.problems(result)
        return {one.node.name: one.node.compiled_code for one in result.result.results if one.node.resource_type == "model"}

    def rows(self, table):
        return self.warehouse.query(f"select * from {table} order by all")


@pytest.fixture(scope="module")
def compiled(new_warehouse):
    """{model: its SQL}, where the memory is there already."""
    warehouse = ByDbt(new_warehouse("compiled"))
    warehouse.observe(FIRST, {("a", "x")})
    sql = warehouse.observe(day(1), {("a", "y")})
    assert warehouse.rows(HISTORY)[0][:4] == ("a", "x", FIRST, day(1))
    return sql


class BySql:
    """The same SQL without dbt, in memory. Each run begins an hour after the one before."""

    def __init__(self, compiled):
        self.connection, self.compiled, self.runs = duckdb.connect(), compiled, 0
        self.connection.execute("create schema main_intermediate")
        self.connection.execute(
            f"create table {CHANGES} (observed_on date, segment_id varchar, customer_id varchar, change_type varchar,"
            " run_number bigint, known_at timestamp)"
        )

    def sql(self, table):
        found = self.compiled[table.split(".")[1]].replace('"tessera".', "")
        return re.sub(r"cast\('[-0-9: ]+' as timestamp\) as known_at", f"timestamp '{self.clock}' as known_at", found)

    @property
    def clock(self):
        return datetime.datetime(2026, 6, 1) + datetime.timedelta(hours=self.runs)

    def observe(self, as_of, members):
        self.runs += 1
        give(self.connection, as_of, members)
        self.connection.execute(f"insert into {CHANGES} {self.sql(CHANGES)}")

    def rows(self, table):
        for made in (HISTORY, STABILITY) if self.runs else ():
            self.connection.execute(f"create or replace table {made} as {self.sql(made)}")
            if made == table:
                break
        return self.connection.execute(f"select * from {table} order by all").fetchall()

    def intervals(self):
        """{(segment, customer, valid_from, valid_to): known_at}"""
        return {row[:4]: row[4] for row in self.rows(HISTORY)} if self.runs else {}


# ---- What a history must be, worked out here --------------------------------------------------------------------


def expected_intervals(observed):
    """observed: {day: members}. {(segment, customer, valid_from, valid_to)}"""
    found, since = set(), {}
    for one in sorted(observed):
        for key in list(since):
            if key not in observed[one]:
                found.add((*key, since.pop(key), one))
        for key in observed[one]:
            since.setdefault(key, one)
    return found | {(*key, start, None) for key, start in since.items()}


def expected_stability(observed):
    found, before, previous = set(), defaultdict(set), None
    for one in sorted(observed):
        now = defaultdict(set)
        for segment, customer in observed[one]:
            now[segment].add(customer)
        for segment in now.keys() | {segment for segment, members in before.items() if members}:
            there, here = before[segment], now[segment]
            jaccard = len(there & here) / len(there | here) if previous else None
            found.add((segment, one, previous, len(here), len(here - there), len(there - here), len(there & here), jaccard))
        before, previous = now, one
    return found


def truth(dice, days, change=0.3):
    """{day: members}: people come and go, and some days differ in nothing."""
    keys = [(segment, customer) for segment in ("a", "b/x@7d") for customer in ("ann", "bob", "eve", "sam")]
    members = {key for key in keys if dice.random() < 0.5}
    found = {}
    for number in range(days):
        members = set(members)
        if dice.random() < 0.8:
            members ^= {key for key in keys if dice.random() < change}
        found[day(number)] = members
    return found


@pytest.mark.parametrize("seed", range(6))
def test_any_order_gaps_and_repetitions_give_the_history_of_the_days(compiled, seed):
    dice = random.Random(seed)
    days = truth(dice, 7)
    orders = [sorted(days), sorted(days, reverse=True), dice.sample(sorted(days), len(days))]
    # One of them twice, and a day that comes late into a gap.
    orders.append([*orders[2], dice.choice(orders[2])])
    orders.append([one for one in orders[0] if one != day(3)] + [day(3)])
    for order in orders:
        history, seen = BySql(compiled), {}
        for one in order:
            seen[one] = days[one]
            history.observe(one, days[one])
        assert history.intervals().keys() == expected_intervals(seen)
        assert set(history.rows(STABILITY)) == expected_stability(seen)


@pytest.mark.parametrize("seed", range(6))
def test_a_correction_changes_what_it_touches_and_says_when(compiled, seed):
    """Days are seen again with other members: late events, another definition, a family that was taken out."""
    dice = random.Random(seed)
    history, seen = BySql(compiled), {}
    for _ in range(12):
        one = day(dice.randrange(6))
        members = dice.choice(list(truth(dice, 2).values()))
        before, held = history.intervals(), seen.get(one)
        seen = {**seen, one: members}
        history.observe(one, members)
        after = history.intervals()
        assert after.keys() == expected_intervals(seen)
        for row, known_at in after.items():
            segment, customer, valid_from, valid_to = row
            if row not in before:
                assert known_at == history.clock, "what is new was learned by this run"
            elif held is not None and ((segment, customer) in held) == ((segment, customer) in members):
                assert known_at == before[row], "nobody said anything new of this person"
            elif one < valid_from or (valid_to is not None and one > valid_to):
                assert known_at == before[row], "the day lies outside"
        if held == members:
            assert after == before


def test_an_interval_that_was_broken_by_mistake_is_whole_again_and_says_so(compiled):
    history = BySql(compiled)
    for number, members in enumerate([{("a", "ann")}, set(), {("a", "ann")}]):
        history.observe(day(number), members)
    assert history.intervals().keys() == {("a", "ann", day(0), day(1)), ("a", "ann", day(2), None)}
    history.observe(day(1), {("a", "ann")})
    assert history.intervals() == {("a", "ann", day(0), None): history.clock}


def test_a_replay_on_an_empty_history_gives_what_the_days_gave(compiled):
    days = truth(random.Random(7), 9)
    one, other = BySql(compiled), BySql(compiled)
    for number in sorted(days):
        one.observe(number, days[number])
    for number in sorted(days):
        other.observe(number, days[number])
    assert one.rows(CHANGES) == other.rows(CHANGES) and one.rows(HISTORY) == other.rows(HISTORY)
    # Again, over the whole history: nothing is added.
    for number in sorted(days):
        one.observe(number, days[number])
    assert one.rows(CHANGES) == other.rows(CHANGES)


def test_the_days_are_kept_by_their_changes(compiled):
    members = {("a", f"c{number}") for number in range(50)}
    history = BySql(compiled)
    for number in range(20):
        history.observe(day(number), members)
    assert len(history.rows(CHANGES)) == 50 + 20, "50 came in once, and 20 days were observed"


# ---- The memory as dbt keeps it ---------------------------------------------------------------------------------


def test_a_rebuild_keeps_the_history(new_warehouse):
    history = ByDbt(new_warehouse("kept"))
    history.observe(FIRST, {("a", "ann")})
    before = history.rows(HISTORY)
    history.observe(FIRST, {("a", "ann")}, full_refresh=True)
    assert history.rows(HISTORY) == before
    history.observe(day(1), set(), full_refresh=True)
    assert [row[:4] for row in history.rows(HISTORY)] == [("a", "ann", FIRST, day(1))]


def test_erased_people_leave_the_history(new_warehouse):
    history = ByDbt(new_warehouse("forgotten"))
    history.observe(FIRST, {("a", "ann"), ("a", "bob")})
    history.observe(day(1), {("a", "bob")}, erased=["ann"])
    assert {row[1] for row in history.rows(HISTORY)} == {"bob"}
    assert {row[2] for row in history.rows(CHANGES)} == {"bob", None}


def test_ended_memberships_leave_after_segment_history_days_in_whatever_order(new_warehouse):
    """Ten days are held: who left on day 9 or before is gone when day 20 is observed, who left on day 10 is not, and
    who stays keeps the beginning."""
    days = {day(number): set() for number in range(0, 21)}
    spans = {"left_9": (0, 9), "left_10": (0, 10), "back": (2, 5), "stays": (1, 99)}
    for one in days:
        for customer, (start, end) in spans.items():
            if day(start) <= one < day(end):
                days[one].add(("a", customer))
    days[day(20)].add(("a", "back"))
    want = {("a", "left_10", day(0), day(10)), ("a", "back", day(20), None), ("a", "stays", day(1), None)}
    for name, order in {"onwards": sorted(days), "backwards": sorted(days, reverse=True)}.items():
        # Every other day is enough; the ends are among them.
        chosen = [one for one in order if (one - FIRST).days % 2 == 0 or (one - FIRST).days in (1, 5, 9)]
        history = ByDbt(new_warehouse(name), segment_history_days=10)
        for one in chosen:
            history.observe(one, days[one])
        assert {row[:4] for row in history.rows(HISTORY)} == want, name
        held = {row[2] for row in history.rows(CHANGES)}
        assert held == {None, "left_10", "back", "stays"}, name


# ---- The command, on raw rows -----------------------------------------------------------------------------------


def moment(number, hour=12):
    return datetime.datetime.combine(day(number), datetime.time(hour))


@pytest.fixture(scope="module")
def replayed(new_warehouse):
    """Two weeks of visits to the price list; the days 8 to 12 were built as they came, the others are replayed."""
    warehouse = new_warehouse("visits")
    visits = [("often", number) for number in range(0, 12, 2)] + [("once", 3), ("late", 9)]
    warehouse.write("web/events", [
        {"event_id": f"{user}-{number}", "user_id": user, "event_name": "page_viewed", "page_url": "https://shop.example/pricing",
         "occurred_at": moment(number), "received_at": moment(number)}
        for user, number in visits
    ])  # fmt: skip
    return warehouse


def history_of(warehouse):
    return {
        row[:4]: row[4]
        for row in warehouse.query(f"select * from {HISTORY} where segment_id = 'pricing_page_visitors@7d' order by all")
    }


def test_the_command_gives_what_the_days_gave(replayed, new_warehouse, capsys):
    tool = replay.Replay.__new__(replay.Replay)
    tool.environment, tool.database, tool.manifest = replayed.environment, replayed.database, replayed.manifest
    # As they come, with a gap.
    for number in (8, 10, 12):
        tool.describe(str(day(number)), replay.EVERYTHING)
    first = history_of(replayed)
    assert len(first) == 3

    tool.play([day(number) for number in range(7, 14)])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 8 and lines[1].startswith(f"  {day(8)}: ") and "seen before; nothing to correct" in lines[1]
    assert "7 days, 4 of them new" in lines[-1] and f"those of {day(12)}, as before" in lines[-1]
    assert replayed.query("select cast(as_of as date) from main_intermediate.int_as_of") == [(day(12),)]

    other = new_warehouse("in_order", raw=replayed.raw)
    tool.environment, tool.database, tool.manifest = other.environment, other.database, other.manifest
    tool.play([day(number) for number in range(7, 14)])
    assert history_of(other).keys() == history_of(replayed).keys()
    sizes = "select * from main.segment_sizes order by all"
    assert other.query(sizes) == replayed.query(sizes)
    stability = f"select * from {STABILITY} order by all"
    assert other.query(stability) == replayed.query(stability) != []
    assert {row[2:] for row in history_of(other)} >= {(day(7), day(11)), (day(10), None)}


def test_a_late_event_corrects_one_person(replayed):
    tool = replay.Replay.__new__(replay.Replay)
    tool.environment, tool.database, tool.manifest = replayed.environment, replayed.database, replayed.manifest
    before = history_of(replayed)
    replayed.write("web/events", name="late.parquet", rows=[
        {"event_id": "late-8", "user_id": "late", "event_name": "page_viewed", "page_url": "https://shop.example/pricing",
         "occurred_at": moment(8), "received_at": moment(12)},
    ])  # fmt: skip
    tool.play([day(number) for number in range(7, 14)])
    after = history_of(replayed)
    changed = after.keys() - before.keys()
    assert [row[2:] for row in changed] == [(day(9), None)] and [row[2:] for row in before.keys() - after.keys()] == [(day(10), None)]
    assert all(after[row] == before[row] for row in after.keys() & before.keys())
    assert after[changed.pop()] > max(before.values())


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-02-30", "2026-03-01", 'FROM is a date of the calendar, "2026-03-01"; given is "2026-02-30".'),
        ("2026-03-01", "", 'TO is a date of the calendar, "2026-03-01"; given is "".'),
        ("20260301", "2026-03-02", 'FROM is a date of the calendar, "2026-03-01"; given is "20260301".'),
        ("2026-03-02", "2026-03-01", "FROM is the first day and TO the last; 2026-03-02 is after 2026-03-01."),
        ("2026-03-02", "9999-03-01", "TO is 9999-03-01, which is still to come: "),
    ],
)
def test_wrong_days_are_one_line(first, last, said):
    told = subprocess.run(
        [sys.executable, "-m", "tools.replay", first, last], cwd=project.ROOT, capture_output=True, text=True
    )
    assert told.returncode == 1 and told.stderr == ""
    (line,) = told.stdout.splitlines()
    assert line.startswith(said)


def test_a_database_that_is_open_elsewhere_is_one_line(tmp_path, monkeypatch):
    path = tmp_path / "open.duckdb"
    monkeypatch.setattr(replay.duckdb, "connect", lambda *_, **__: (_ for _ in ()).throw(duckdb.IOException("lock on file")))
    path.touch()
    with pytest.raises(replay.CannotReplay, match="open in another process. Close it there"):
        replay.described(path)
