"""Random histories of the assignment ledger against a second implementation of its rules, in Python.

A world is a layer with its experiments, segments, holdouts and customers, all at random; a history is what happens in it
over some weeks: people enter and leave segments, merge, holdouts and stages are raised and paused, builds are repeated,
stopped between two models, fail at the ledger, look back at a past day, or are full refreshes. Many worlds live in one
database and have their days together, so that one run of dbt plays a step of all histories. What the ledger reads of
other rooms is written by hand.

ASSIGNMENT_WORLDS=200 ASSIGNMENT_RUNS=40 make it longer: `ASSIGNMENT_WORLDS=200 python -m pytest -q
tests/python/test_assignment_histories.py`.
"""

import bisect
import collections
import datetime
import hashlib
import os
import random
from dataclasses import dataclass, field

import duckdb
import pytest
from warehouse import Warehouse, seed

WORLDS = int(os.environ.get("ASSIGNMENT_WORLDS", 40))
RUNS = int(os.environ.get("ASSIGNMENT_RUNS", 12))
SEED = int(os.environ.get("ASSIGNMENT_SEED", 1))
DAY = datetime.timedelta(days=1)
FIRST = datetime.datetime(2026, 3, 2)
LAST_DAY = 3 * RUNS
ATTRIBUTES = {
    "lifecycle_stage": ["new", "active", "lapsed"], "loyalty_tier": ["none", "gold"], "country_code": ["DE", "FR", None],
    "preferred_device": ["mobile", None],
}
BEFORE_THE_LEDGER = [
    "int_experiment_ledger_log", "int_experiment_plans", "int_experiment_settings", "int_experiment_plan_changes",
    "mart_experiments", "mart_experiment_arms", "holdout_members", "int_held_out_customers", "int_experiment_segments",
    "int_experiment_barred_customers", "int_experiment_candidates", "int_experiment_draws", "int_experiment_external_assignments",
]
# A kill leaves the first so many of the run's models new and the others as they were; 0 is the clock alone.
KINDS = ["day"] * 8 + ["again"] * 2 + ["past"] * 2 + ["killed"] * 2 + ["failed", "full refresh", "ledger alone"]


def fraction(salt, unit):
    return int(hashlib.md5(f"{salt}-{unit}".encode()).hexdigest()[:8], 16) / 2**32


def at(day):
    return FIRST + day * DAY


# ---- Worlds -------------------------------------------------------------------------------------------------------


@dataclass
class World:
    """One layer with what is in it. Days count from FIRST."""

    number: int
    chance: random.Random
    experiments: list = field(default_factory=list)
    arms: dict = field(default_factory=dict)
    stages: dict = field(default_factory=dict)
    holdouts: list = field(default_factory=list)
    customers: dict = field(default_factory=dict)
    # Of each day: who is in which segment, and who has become whom.
    members: dict = field(default_factory=dict)
    former: dict = field(default_factory=dict)
    # What a customer is like on each day: {day: {customer: {attribute: value}}}.
    traits: dict = field(default_factory=dict)

    def __post_init__(self):
        self.name = f"w{self.number}"
        self.families = {f"{self.name}f": [(f"{self.name}f@1d", 1), (f"{self.name}f@7d", 7)], f"{self.name}g": [(f"{self.name}g", None)]}
        self.segments = {key: (family, days) for family, found in self.families.items() for key, days in found}
        chance = self.chance
        self.unit_type = chance.choice(["customer", "customer", "account"])
        self.overlap = chance.choice(["ranges", "priority", "primary_segment"][: 3 if self.unit_type == "customer" else 2])
        self.attribute = chance.choice(["unit_id", "unit_id", "user_id"]) if self.unit_type == "customer" else "unit_id"
        for number in range(chance.randint(20, 60)):
            self.customers[f"{self.name}c{number}"] = {
                "account": chance.choice([None, f"{self.name}a{number // 3}"]), "targetable": chance.random() > 0.05,
                "user": chance.choice([None, f"{self.name}u{number}", f"{self.name}u{number}"]),
            } | {name: chance.choice(values) for name, values in ATTRIBUTES.items()}
        for number in range(chance.randint(2, 5)):
            self.add_experiment(number)
        for number in range(chance.randint(0, 2)):
            self.holdouts.append({
                "holdout_key": f"{self.name}h{number}", "segment_id": chance.choice([*self.segments, *self.families]),
                "share": chance.choice([0.05, 0.2]), "starts": chance.randint(-1, 4), "ends": chance.choice([None, chance.randint(6, 30)]),
            })
        self.live()

    def add_experiment(self, number):
        chance, key = self.chance, f"{self.name}e{number}"
        segment = chance.choice([*self.segments, *self.families])
        if self.overlap != "primary_segment" and chance.random() < 0.06:
            segment = None
        batch = chance.random() < 0.25
        start = chance.randint(0, LAST_DAY // 2)
        low = chance.choice([0, 0, 0, 0.25, 0.5])
        one = {
            "key": key, "segment": segment, "enrolment": "batch" if batch else chance.choice(["always_on", None]),
            "low": low, "high": chance.choice([high for high in (0.4, 0.75, 1, 1) if high > low]),
            "starts": start, "ends": start + chance.choice([2, 4, LAST_DAY // 2, LAST_DAY]), "window": chance.randint(1, 6),
            "priority": chance.choice([1, 5]) * 10 + number if self.overlap == "priority" else None,
            "salt": chance.choice([None, f"{key}.again"]), "stratify": self.stratum_column(segment),
        }
        if any(self.clash(one, other) for other in self.experiments):
            return
        self.experiments.append(one)
        weights = chance.choice([[0.5, 0.5], [0.2, 0.8], [0.1, 0.2, 0.7], [0.25, 0.25, 0.25, 0.25]])
        names = ["control", *chance.sample(["a", "b", "c", "z"], len(weights) - 1)]
        self.arms[key] = dict(zip(names, weights))
        if not batch and chance.random() < 0.6:
            days = sorted(chance.sample(range(start - 1, start + LAST_DAY), chance.randint(1, 4)))
            self.stages[key] = [(day, chance.choice([0, 0.1, 0.3, 0.6, 1, 1])) for day in days]

    def stratum_column(self, segment):
        named = ["segment_id"] if segment else []
        columns = named if self.unit_type == "account" else [*named, *ATTRIBUTES]
        return self.chance.choice(columns) if columns and self.chance.random() < 0.4 else None

    def clash(self, one, other):
        """What tests/seeds/assert_layers_are_shared_out.sql refuses."""
        if self.overlap == "priority" or one["starts"] >= other["ends"] or other["starts"] >= one["ends"]:
            return False
        if one["low"] >= other["high"] or other["low"] >= one["high"]:
            return False
        return self.overlap == "ranges" or bool(set(self.about(one)) & set(self.about(other)))

    def about(self, experiment):
        """The segments that an experiment or a holdout names."""
        name = experiment.get("segment", experiment.get("segment_id"))
        return [key for key, (family, _) in self.segments.items() if name in (key, family)]

    def live(self):
        """Who is in which segment on each day, and who has turned out to be whom."""
        chance, inside, former, change = self.chance, set(), {}, random.Random(self.number)
        for day in range(LAST_DAY + 1):
            alive = [one for one in self.customers if one not in former]
            for segment in self.segments:
                for customer in alive:
                    if chance.random() < (0.1 if (segment, customer) in inside else 0.12):
                        inside ^= {(segment, customer)}
            if len(alive) > 6 and chance.random() < 0.2:
                older, younger = sorted(chance.sample(alive, 2), key=list(self.customers).index)
                former = {one: older if now == younger else now for one, now in former.items()} | {younger: older}
                inside = {(segment, former.get(customer, customer)) for segment, customer in inside}
            self.members[day], self.former[day] = set(inside), dict(former)
            before = self.traits.get(day - 1, self.customers)
            self.traits[day] = {
                customer: {
                    name: change.choice(values) if change.random() < 0.1 else before[customer][name]
                    for name, values in ATTRIBUTES.items()
                }
                for customer in self.customers
            }

    def primary(self, day):
        """The primary segment of a customer: any rule will do that names one of the customer's."""
        found = {}
        for segment, customer in sorted(self.members[day], key=lambda one: hashlib.md5("".join(one).encode()).hexdigest()):
            found.setdefault(customer, segment)
        return found


# ---- The rules, once more -----------------------------------------------------------------------------------------


class Oracle:
    """The ledger as it must be. What a run draws waits for the ledger, as it does in the database."""

    def __init__(self, worlds):
        self.worlds, self.rows, self.draws, self.begun = worlds, {}, (None, []), {}
        self.global_share = 0.05

    def held_out(self, world, day, customer, segments=()):
        """Whether a customer is held out of all messages, or of one of these segments, in person or with the account."""
        units = [one for one in (customer, world.customers[customer]["account"]) if one]
        if any(fraction("holdout:everything", unit) < self.global_share for unit in units):
            return True
        members = world.members[day]
        for holdout in world.holdouts:
            if not holdout["starts"] <= day or (holdout["ends"] is not None and holdout["ends"] <= day):
                continue
            named = world.about(holdout)
            # Which of its members, and which accounts of members, the holdout takes.
            people = {one for segment, one in members if segment in named}
            accounts = {world.customers[one]["account"] for one in people}
            mine = [customer] if customer in people else []
            mine += [world.customers[customer]["account"]] if world.customers[customer]["account"] in accounts - {None} else []
            kept_from = {segment for segment in named if (segment, customer) in members}
            if any(fraction(f"holdout:{holdout['holdout_key']}", unit) < holdout["share"] for unit in mine):
                if kept_from & set(segments):
                    return True
        return False

    def ways(self, world, experiment, day):
        """(customer's world, customer, segment) through which units come in."""
        if experiment["segment"] is None:
            for other in self.worlds:
                for customer in other.customers:
                    if customer not in other.former[day]:
                        yield other, customer, None
            return
        primary = world.primary(day)
        for segment, customer in world.members[day]:
            if segment in world.about(experiment):
                if world.overlap != "primary_segment" or primary[customer] == segment:
                    yield world, customer, segment

    def draw(self, day):
        """What the models before the ledger make of a day."""
        drawn = []
        for world in self.worlds:
            for experiment in world.experiments:
                if not experiment["starts"] <= day < experiment["ends"]:
                    continue
                share, stages = 1, world.stages.get(experiment["key"])
                if stages:
                    place = bisect.bisect_right([start for start, _ in stages], day)
                    share = stages[place - 1][1] if place else 0
                best = {}
                for home, customer, segment in self.ways(world, experiment, day):
                    facts = home.customers[customer]
                    if not facts["targetable"]:
                        continue
                    about = world.about(experiment) if experiment["segment"] else ()
                    if self.held_out(home, day, customer, about):
                        continue
                    unit = customer if world.unit_type == "customer" else facts["account"]
                    value = unit
                    if world.attribute == "user_id":
                        people = [one for one in home.customers if home.former[day].get(one, one) == customer]
                        value = next((home.customers[one]["user"] for one in people if home.customers[one]["user"]), None)
                    if unit is None or value is None:
                        continue
                    lookback = (home.segments[segment][1] or 0) if segment else 0
                    # An account has no attributes: its members are no two alike.
                    traits = dict.fromkeys(ATTRIBUTES)
                    if world.unit_type == "customer":
                        traits = {name: known or "unknown" for name, known in home.traits[day][customer].items()}
                    stratum = None
                    if column := experiment["stratify"]:
                        stratum = segment if column == "segment_id" else traits[column]
                    way = (lookback, segment or "", stratum, value, traits)
                    best[unit] = min(best.get(unit, way), way, key=lambda one: one[:2])
                for unit, (_, segment, stratum, value, traits) in best.items():
                    position = fraction(f"layer:{world.name}", value)
                    within = (position - experiment["low"]) / (experiment["high"] - experiment["low"])
                    if 0 <= within < share and position < experiment["high"]:
                        hashed = fraction(f"arm:{experiment['salt'] or experiment['key']}", value)
                        drawn.append((world, experiment, unit, segment or None, stratum, hashed, traits))
        self.draws = (day, drawn)

    def assign(self, day):
        """What a run of the ledger adds: {(experiment, unit): row}."""
        drawn_on, drawn = self.draws
        if drawn_on != day:
            return {}
        homes = {customer: world for world in self.worlds for customer in world.customers}
        taken = collections.defaultdict(list)
        for (key, unit), row in self.rows.items():
            current = homes[unit].former[day].get(unit, unit) if unit in homes else unit
            taken[row["layer"], current].append((key, row["day"], row["day"] + row["window"]))
        choices = collections.defaultdict(list)
        for world, experiment, unit, segment, stratum, hashed, traits in drawn:
            key, until = experiment["key"], day + experiment["window"]
            last = self.begun.get(key)
            if last is not None and (experiment["enrolment"] == "batch" or last > day):
                continue
            if any(key == other or (start < until and day < end) for other, start, end in taken[world.name, unit]):
                continue
            rank = (experiment["priority"] or 0, key)
            choices[world.name, unit].append((rank, world, experiment, unit, segment, stratum, hashed, traits))
        groups = collections.defaultdict(list)
        for found in choices.values():
            _, world, experiment, unit, segment, stratum, hashed, traits = min(found, key=lambda one: one[0])
            groups[experiment["key"], stratum].append((hashed, unit, segment, world, experiment, traits))
        added = {}
        for (key, stratum), units in groups.items():
            for rank, (hashed, unit, segment, world, experiment, traits) in enumerate(sorted(units, key=lambda one: one[:2])):
                place = hashed
                if stratum is not None:
                    deal = fraction(f"deal:{experiment['salt'] or key}:{stratum}", at(day).date().isoformat())
                    place = min((rank + deal) / len(units), 1 - 1e-12)
                added[key, unit] = {
                    "unit_type": world.unit_type, "arm_key": arm_of(world.arms[key], place), "segment_id": segment,
                    "stratum": stratum, "day": day, "hash_fraction": hashed, "arm_fraction": place, "layer": world.name,
                    "window": experiment["window"], "traits": tuple(traits.values()),
                }
        self.rows |= added
        for key, _ in added:
            self.begun[key] = max(self.begun.get(key, day), day)
        return added


def arm_of(weights, place):
    reached, arms = 0, sorted(weights, key=lambda arm: (arm != "control", arm))
    for arm in arms:
        reached += weights[arm]
        if place < reached:
            return arm
    return arms[-1]


# ---- The project --------------------------------------------------------------------------------------------------


def literal(value):
    if value is None:
        return "null"
    if isinstance(value, bool | int | float):
        return str(value)
    if isinstance(value, datetime.datetime):
        return f"timestamp '{value}'"
    return "'" + str(value) + "'"


class History:
    """All worlds in one database, and the oracle that follows."""

    def __init__(self, folder, manifest, environment):
        chance = random.Random(SEED)
        self.chance, self.worlds = chance, [World(number, random.Random(chance.random())) for number in range(WORLDS)]
        self.oracle, self.day, self.stored, self.log = Oracle(self.worlds), 0, {}, []
        self.warehouse = Warehouse(folder, manifest, environment, seeds=self.seeds())
        self.warehouse.write("web/events", [{"event_id": "e1", "event_name": "page_viewed"}])
        self.run("seed", "--select", "experiments", "experiment_arms", "layers", "experiment_stages", "holdouts")
        self.write_constants()

    def seeds(self):
        common = dict(hypothesis="x", assignment_source="hashed", covariate_window_days=0, primary_metric_key="order_count",
                      planned_relative_lift=0.1, alpha=0.05, power=0.8)
        both = [(world, one) for world in self.worlds for one in world.experiments]
        return seed(
            experiments=[
                common | dict(experiment_key=one["key"], segment_id=one["segment"], unit_type=world.unit_type, enrolment=one["enrolment"],
                              layer_key=world.name, layer_from=one["low"], layer_to=one["high"], priority=one["priority"],
                              starts_at=at(one["starts"]), ends_at=at(one["ends"]), outcome_window_days=one["window"],
                              stratify_by=one["stratify"], salt=one["salt"], hash_attribute=world.attribute)
                for world, one in both
            ],
            experiment_arms=[
                dict(experiment_key=one["key"], arm_key=arm, is_control=str(arm == "control").lower(), weight=weight)
                for world, one in both for arm, weight in world.arms[one["key"]].items()
            ],
            layers=[dict(layer_key=world.name, unit_type=world.unit_type, overlap=world.overlap) for world in self.worlds],
            experiment_stages=[
                dict(experiment_key=key, starts_at=at(day), traffic_share=share)
                for world in self.worlds for key, stages in world.stages.items() for day, share in stages
            ],
            holdouts=[dict(holdout_key="everything", share=self.oracle.global_share, starts_at=at(-9))] + [
                dict(holdout_key=one["holdout_key"], segment_id=one["segment_id"], share=one["share"], starts_at=at(one["starts"]),
                     ends_at=at(one["ends"]) if one["ends"] is not None else None)
                for world in self.worlds for one in world.holdouts
            ],
        )

    def table(self, name, columns, rows):
        names = ", ".join(column.split()[0] for column in columns)
        casts = ", ".join(f"cast({column.split()[0]} as {column.split()[1]}) as {column.split()[0]}" for column in columns)
        rows = list(rows)
        values = ", ".join("(" + ", ".join(map(literal, row)) + ")" for row in rows or [[None] * len(columns)])
        limit = "" if rows else " limit 0"
        return f"create or replace table {name} as select {casts} from (values {values}) as rows ({names}){limit}"

    def write(self, *statements):
        with duckdb.connect(str(self.warehouse.database)) as connection:
            for statement in statements:
                connection.execute(statement)

    def write_constants(self):
        assignments = ["experiment_key text", "unit_type text", "identifier_type text", "identifier_value text", "identifier_id text",
                       "arm_key text", "assigned_at timestamp"]
        self.write(
            "create schema if not exists main_intermediate", "create schema if not exists main_staging",
            self.table("main.segments", ["segment_id text", "family text", "lookback_days integer"],
                       ((key, *facts) for world in self.worlds for key, facts in world.segments.items())),
            self.table("main_staging.stg_privacy__erased_customers", ["tombstone text"], []),
            self.table("main_staging.stg_experiments__assignments", assignments, []),
        )

    def write_day(self, day):
        """The rooms above, as of a day."""
        people = [(world, customer, facts) for world in self.worlds for customer, facts in world.customers.items()]
        self.write(
            self.table("main_intermediate.int_as_of", ["as_of timestamp"], [[at(day)]]),
            self.table(
                "main_intermediate.int_customer_profiles",
                ["customer_id text", "account_id text", "is_targetable boolean", *(f"{name} text" for name in ATTRIBUTES)],
                ([customer, facts["account"], facts["targetable"], *world.traits[day][customer].values()]
                 for world, customer, facts in people if customer not in world.former[day]),
            ),
            self.table(
                "main_intermediate.int_identity_map",
                ["identifier_id text", "identifier_type text", "identifier_value text", "identifier_key text", "customer_id text",
                 "first_seen_at timestamp"],
                [[f"anonymous_id:{customer}", "anonymous_id", customer, customer, world.former[day].get(customer, customer), FIRST]
                 for world, customer, _ in people] +
                [[f"user_id:{facts['user']}", "user_id", facts["user"], f"key-{facts['user']}", world.former[day].get(customer, customer),
                  at(-99 + list(world.customers).index(customer))]
                 for world, customer, facts in people if facts["user"]],
            ),
            self.table("main.segment_memberships", ["segment_id text", "customer_id text"],
                       sorted(one for world in self.worlds for one in world.members[day])),
            self.table("main.customer_primary_segments", ["customer_id text", "segment_id text"],
                       sorted(one for world in self.worlds for one in world.primary(day).items())),
        )

    def run(self, *arguments, must_fail=False):
        result = self.warehouse.dbt(*arguments)
        assert result.success is not must_fail, self.warehouse.problems(result)

    # ---- What can happen

    def play(self):
        """Every kind of run at least once. After each, nobody has left or changed arm, and who is new is who the rules let
        in."""
        others = [*dict.fromkeys(KINDS), *self.chance.choices(KINDS, k=RUNS)][:max(RUNS, len(set(KINDS)) + 1) - 1]
        for kind in ["day", *self.chance.sample(others, len(others))]:
            before = self.stored
            day, added = self.step(kind)
            self.stored = self.rows()
            assert {key: self.stored.get(key) for key in before} == before, (kind, day)
            assert self.stored == expected(self.oracle.rows), (kind, day)
            self.log.append((kind, day, added, self.oracle.global_share))

    def step(self, kind):
        everything = [*BEFORE_THE_LEDGER, "experiment_assignments"]
        day = self.day
        if kind in ("day", "killed", "failed", "full refresh"):
            day = self.day = min(self.day + self.chance.randint(1, 4), LAST_DAY)
        elif kind == "past":
            day = self.chance.randint(0, self.day)
        if self.chance.random() < 0.5:
            self.raise_holdouts()
        if kind == "again" and self.chance.random() < 0.5:
            self.late_rows(day)
        self.write_day(day)
        if kind == "ledger alone":
            self.run("run", "--select", "experiment_assignments")
        elif kind == "killed":
            done = self.chance.randint(0, len(BEFORE_THE_LEDGER))
            if done:
                self.run("run", "--select", *BEFORE_THE_LEDGER[:done])
            if "int_experiment_draws" in BEFORE_THE_LEDGER[:done]:
                self.oracle.draw(day)
        elif kind == "failed":
            self.oracle.draw(day)
            self.run("run", "--select", *BEFORE_THE_LEDGER)
            self.write("alter table main.experiment_arms rename column hash_to to hash_end")
            self.run("run", "--select", "experiment_assignments", must_fail=True)
            self.write("alter table main.experiment_arms rename column hash_end to hash_to")
        else:
            self.oracle.draw(day)
            self.run("run", *(["--full-refresh"] if kind == "full refresh" else []), "--select", *everything)
        added = {}
        if kind not in ("killed", "failed"):
            added = self.oracle.assign(day)
        return day, added

    def raise_holdouts(self):
        # That of everyone is raised first, so that no history is without.
        of_segments = [holdout for world in self.worlds for holdout in world.holdouts]
        one = self.chance.choice([None, *of_segments]) if self.oracle.global_share > 0.05 else None
        key = one["holdout_key"] if one else "everything"
        share = min((one["share"] if one else self.oracle.global_share) + 0.05, 0.5)
        if one:
            one["share"] = share
        else:
            self.oracle.global_share = share
        self.write(f"update main_configuration.holdouts set share = {share} where holdout_key = '{key}'")

    def late_rows(self, day):
        """More people are in segments on a day that was built already."""
        for world in self.worlds:
            alive = [one for one in world.customers if one not in world.former[day]]
            world.members[day] |= {(self.chance.choice(list(world.segments)), self.chance.choice(alive))}

    def rows(self):
        try:
            found = self.warehouse.query("""
                select experiment_key, unit_id, unit_type, arm_key, segment_id, stratum, assigned_at, hash_fraction, arm_fraction,
                    assignment_source, is_control, lifecycle_stage, loyalty_tier, country_code, preferred_device
                from main.experiment_assignments
            """)
        except duckdb.CatalogException:
            return {}
        rows = {(row[0], row[1]): row[2:] for row in found}
        assert len(rows) == len(found), "a unit is in an experiment once"
        return rows


def expected(rows):
    return {
        key: (row["unit_type"], row["arm_key"], row["segment_id"], row["stratum"], at(row["day"]), row["hash_fraction"],
              row["arm_fraction"], "hashed", row["arm_key"] == "control", *row["traits"])
        for key, row in rows.items()
    }


@pytest.fixture(scope="module")
def history(tmp_path_factory, parsed_with_tests):
    environment, manifest = parsed_with_tests
    history = History(tmp_path_factory.mktemp("histories"), manifest, environment)
    history.play()
    return history


# ---- What must hold whatever happened -------------------------------------------------------------------------------


def test_histories_had_everything_in_them(history):
    """The premise: what is looked for did occur."""
    played = collections.Counter(kind for kind, *_ in history.log)
    assert set(played) == set(KINDS)
    rows = history.oracle.rows
    assert len(rows) > 10 * WORLDS
    assert {row["unit_type"] for row in rows.values()} == {"customer", "account"}
    worlds = {world.name: world for world in history.worlds}
    assert {worlds[row["layer"]].overlap for row in rows.values()} == {"ranges", "priority", "primary_segment"}
    assert sum(row["stratum"] is not None for row in rows.values()) > WORLDS
    assert {value for row in rows.values() for value in row["traits"]} > {"gold", "lapsed", "unknown", None}
    # Some are another kind of customer by now, and the ledger still says what they were.
    assert WORLDS < sum(
        row["traits"][1] not in (None, worlds[row["layer"]].traits[history.day].get(unit, {"loyalty_tier": None})["loyalty_tier"])
        for (_, unit), row in rows.items()
    )
    assert any(added for kind, _, added, _ in history.log if kind == "past")
    print(f"\n{WORLDS} histories of {len(history.log)} runs, {len(rows)} assignments: {dict(played)}")


def test_a_unit_is_in_one_experiment_of_a_layer_at_a_time(history):
    windows = collections.defaultdict(list)
    for (key, unit), row in history.oracle.rows.items():
        windows[row["layer"], unit].append((row["day"], row["day"] + row["window"], key))
    several = 0
    for found in windows.values():
        found.sort()
        several += len(found) > 1
        for (_, end, one), (start, _, other) in zip(found, found[1:]):
            assert end <= start, (one, other)
    assert several > 5, "units do go from one experiment to the next"


def test_nobody_who_was_held_out_of_everything_was_assigned(history):
    """Nor of the segment: that is said by the rules above, and here only of the holdout that asks for no segment."""
    share = 0
    for _, _, added, share in history.log:
        assert all(fraction("holdout:everything", unit) >= share for _, unit in added)
    assert share > 0.05, "it was raised"


def test_a_batch_is_taken_once_and_strata_are_dealt_within_one(history):
    experiments = {one["key"]: (world, one) for world in history.worlds for one in world.experiments}
    batches, dealt = 0, 0
    for _, _, added, _ in history.log:
        strata = collections.defaultdict(collections.Counter)
        for (key, _), row in added.items():
            if row["stratum"] is not None:
                strata[key, row["stratum"]][row["arm_key"]] += 1
        for (key, stratum), counts in strata.items():
            total, weights = sum(counts.values()), experiments[key][0].arms[key]
            dealt += total > 2
            for arm, weight in weights.items():
                assert abs(counts[arm] - total * weight) < 1 + 1e-9, (key, stratum, counts)
    for key, (_, one) in experiments.items():
        if one["enrolment"] == "batch":
            days = [added for _, _, added, _ in history.log if any(other == key for other, _ in added)]
            assert len(days) <= 1, key
            batches += len(days)
    assert batches and dealt


def test_who_was_enrolled_by_a_stage_lies_below_its_share(history):
    """So a raised share takes more, and the same: positions are fixed, and who is below 0.1 is below 0.3."""
    staged = 0
    for world in history.worlds:
        for one in world.experiments:
            shares = world.stages.get(one["key"], [])
            for (key, unit), row in history.oracle.rows.items():
                if key == one["key"] and shares and world.attribute == "unit_id":
                    share = max((start, share) for start, share in shares if start <= row["day"])[1]
                    position = fraction(f"layer:{world.name}", unit)
                    assert one["low"] <= position < one["low"] + share * (one["high"] - one["low"]) + 1e-12
                    staged += share < 1
    assert staged


@pytest.fixture(scope="module")
def checks(history):
    """The ledger's data tests, as SQL."""
    names = ["assert_ledger_agrees_with_hash", "assert_layers_take_a_unit_once"]
    history.write_day(history.day)
    result = history.warehouse.dbt("test", "--select", *names)
    found = {one.node.name: one for one in result.result if one.node.name in names}
    assert {name: str(one.status) for name, one in found.items()} == dict.fromkeys(names, "pass")
    return {name: one.node.compiled_code for name, one in found.items()}


HASH, LAYERS = "assert_ledger_agrees_with_hash", "assert_layers_take_a_unit_once"


@pytest.mark.parametrize(("edit", "test", "words"), [
    ("update {ledger} set arm_key = case arm_key when 'control' then 'a' else 'control' end where {row}", HASH, "is in arm"),
    ("update {ledger} set hash_fraction = hash_fraction / 2 where {row}", HASH, "another hash_fraction"),
    ("update {ledger} set hash_fraction = null where {row}", HASH, "another hash_fraction"),
    ("update {ledger} set arm_fraction = arm_fraction / 2 where {row}", HASH, "and no stratum; it must be its hash_fraction"),
    ("insert into {ledger} select * replace ('{other}' as experiment_key) from {ledger} where {row}", LAYERS,
     "experiments {key} and {other} of layer"),
])
def test_a_ledger_that_was_edited_is_told(history, checks, edit, test, words):
    """One row is changed, of an experiment that is not stratified and whose layer has another."""
    others = {world.name: [one["key"] for one in world.experiments] for world in history.worlds}
    key, unit, other = min(
        (key, unit, max(others[row["layer"]]))
        for (key, unit), row in history.oracle.rows.items()
        if row["stratum"] is None and key < max(others[row["layer"]])
        and (max(others[row["layer"]]), unit) not in history.oracle.rows
    )
    names = dict(ledger="main.experiment_assignments", key=key, other=other, row=f"(experiment_key, unit_id) = ('{key}', '{unit}')")
    with duckdb.connect(str(history.warehouse.database)) as connection:
        connection.execute("begin")
        connection.execute(edit.format(**names))
        problems = [row[0] for row in connection.execute(checks[test]).fetchall()]
        connection.execute("rollback")
    assert all(key in problem and unit in problem for problem in problems)
    assert any(words.format(**names) in problem for problem in problems), problems
