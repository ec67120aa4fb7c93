"""What destinations are told: whatever becomes of uploads and of their reports, nobody is lost and nobody stays.

Random histories run the SQL of the models, as dbt compiled it, and of their hooks, against a destination that is simulated
here: a set of identifiers for each audience. The last tests let dbt run.
"""

import datetime
import random
from types import SimpleNamespace

import duckdb
import pytest
from sql_macros import MacroLibrary

from tools import dbt_in_process
from tools.project import ROOT

FIRST = datetime.datetime(2026, 3, 1)
MEMORY = "main_intermediate.int_audience_batch_rows"
MODELS = ("int_audience_sent_batches", "int_audience_platform_states", "audience_changes")
AUDIENCES = (("mail", "carts"), ("ads", "carts"), ("ads", "visitors/x@7d"))
PEOPLE = ("ann", "bob", "eve", "sam", "zoe")
REPORT_DAYS = 30


def day(number):
    return FIRST + datetime.timedelta(days=number)


def tombstone(customer):
    return f"sha256('tessera:customer_id:' || '{customer}')"


# ---- A day's audiences and reports, given -----------------------------------------------------------------------


def give(connection, as_of, members, reports=(), erased=()):
    """The tables that the changes read, as a build of the day would leave them. members: {(destination, segment, customer):
    (e-mail, phone)}."""
    for schema in ("main_intermediate", "main_staging"):
        connection.execute(f"create schema if not exists {schema}")
    connection.execute("create or replace table main_intermediate.int_as_of as select cast(? as timestamp) as as_of", [as_of])
    columns = (ROOT / "models/marts/activation/_activation__models.yml").read_text().split("- name: audience_members")[1]
    names = [name for name in ("first_name_sha256", "last_name_sha256", "country", "postal_code") if name in columns]
    connection.execute(
        "create or replace table main.audience_members (destination_key varchar, segment_id varchar, customer_id varchar,"
        f" email_sha256 varchar, phone_sha256 varchar, {' varchar, '.join(names)} varchar)"
    )
    for (destination, segment, customer), (email, phone) in sorted(members.items()):
        connection.execute(
            "insert into main.audience_members by name select ? as destination_key, ? as segment_id, ? as customer_id,"
            " ? as email_sha256, ? as phone_sha256, ? as first_name_sha256", [destination, segment, customer, email, phone, customer],
        )  # fmt: skip
    connection.execute(
        "create or replace table main_staging.stg_activation__uploads (upload_id varchar, batch_id varchar,"
        " destination_key varchar, segment_id varchar, status varchar, row_count bigint, reported_at timestamp)"
    )
    for report in reports:
        connection.execute("insert into main_staging.stg_activation__uploads values (?, ?, ?, ?, ?, ?, ?)", report)
    connection.execute("create or replace table main_staging.stg_privacy__erased_customers (tombstone varchar)")
    for customer in erased:
        connection.execute(f"insert into main_staging.stg_privacy__erased_customers select {tombstone(customer)}")


def run_by_dbt(warehouse, as_of, members, reports=(), erased=(), full_refresh=False):
    """{model: its SQL}"""
    with duckdb.connect(str(warehouse.database)) as connection:
        give(connection, as_of, members, reports, erased)
    arguments = ["--full-refresh"] * full_refresh
    result = dbt_in_process.invoke(
        warehouse.manifest, warehouse.environment, "run", *arguments, "--select", *MODELS, MEMORY.split(".")[1]
    )
    assert result.success, dbt_in_process.problems(result)
    return {one.node.name: one.node.compiled_code for one in result.result.results if one.node.resource_type == "model"}


@pytest.fixture(scope="module")
def warehouse(new_warehouse):
    warehouse = new_warehouse("audiences")
    # dbt wants a raw file to begin with; nothing reads it.
    warehouse.write("web/events", [])
    return warehouse


@pytest.fixture(scope="module")
def compiled(warehouse):
    """{model: its SQL}, where the memory is there already."""
    run_by_dbt(warehouse, FIRST, {("mail", "carts", "ann"): ("e1", None)})
    return run_by_dbt(warehouse, day(1), {("mail", "carts", "ann"): ("e2", None)})


class Relation(str):
    identifier = "int_audience_batch_rows"


class Hooks(MacroLibrary):
    """The macros around the memory, as dbt would render them for its table."""

    def __init__(self, connection):
        self.connection = connection
        node = SimpleNamespace(database="x", schema="x", alias="x")
        super().__init__(
            "macros/activation/*.sql", "macros/engine/*.sql", "macros/project/clock.sql", "macros/project/privacy.sql",
            statements_that_delete=lambda relation, condition: [f"delete from {relation} where {condition}"],
            run_in_turn=";\n".join,
            execute=True, this=Relation(MEMORY), ref=lambda name: f"main_intermediate.{name}",
            graph=SimpleNamespace(nodes={"model.tessera.int_audience_batch_rows": node}),
            var=lambda name: {"upload_report_days": REPORT_DAYS}[name], env_var=lambda name, default: default,
        )  # fmt: skip

    @staticmethod
    def get_relation(*_):
        return Relation(MEMORY)

    def get_columns_in_relation(self, relation):
        names = self.connection.execute(f"describe {relation.strip()}").fetchall()
        return [SimpleNamespace(name=name) for name, *_ in names]

    def dateadd(self, part, number, moment):
        return f"({moment} + interval ({number}) {part})"

    def string_literal(self, text):
        return f"'{text}'"

    def escape_single_quotes(self, text):
        return text


class BySql:
    """Builds without dbt, in memory."""

    def __init__(self, compiled):
        self.connection, self.compiled = duckdb.connect(config={"threads": 1}), compiled
        self.connection.execute("create schema main_intermediate")
        self.connection.execute(
            f"create table {MEMORY} (batch_id varchar, batch_number bigint, follows_batch_id varchar, batch_row_count bigint,"
            " destination_key varchar, segment_id varchar, customer_id varchar, operation varchar, email_sha256 varchar,"
            " phone_sha256 varchar, as_of timestamp)"
        )
        self.hooks = Hooks(self.connection)

    def sql(self, name):
        return self.compiled[name].replace('"tessera".', "")

    def build(self, as_of, members, reports=(), erased=()):
        give(self.connection, as_of, members, reports, erased)
        self.connection.execute(self.hooks.rename_erased_audience_members("main_staging.stg_privacy__erased_customers"))
        for name in MODELS:
            schema = "main" if name == "audience_changes" else "main_intermediate"
            self.connection.execute(f"create or replace table {schema}.{name} as {self.sql(name)}")
        self.connection.execute(f"insert into {MEMORY} by name {self.sql('int_audience_batch_rows')}")
        self.connection.execute(self.hooks.forget_removed_audience_members("main.audience_changes"))
        self.connection.execute(self.hooks.forget_absent_audience_identifiers("main_intermediate.int_audience_platform_states"))
        self.connection.execute(self.hooks.forget_repeated_audience_rows("main_intermediate.int_audience_sent_batches"))

    def query(self, sql):
        return self.connection.execute(sql).fetchall()

    def batches(self):
        """{(destination, segment): (batch, [(operation, identifiers)])}, as an export would hand them out."""
        found = {}
        rows = self.query(
            "select destination_key, segment_id, batch_id, operation, email_sha256, phone_sha256, batch_row_count"
            " from main.audience_changes order by all"
        )
        for destination, segment, batch, operation, email, phone, _ in rows:
            name, changes = found.setdefault((destination, segment), (batch, []))
            assert name == batch, "an audience has one batch"
            changes.append((operation, frozenset({("email", email), ("phone", phone)} - {("email", None), ("phone", None)})))
        assert all(row[6] == len(found[row[0], row[1]][1]) for row in rows)
        return found


# ---- A destination, and what becomes of uploads ------------------------------------------------------------------


def identifiers(members):
    """{audience: identifiers}"""
    found = {audience: set() for audience in AUDIENCES}
    for (destination, segment, _), (email, phone) in members.items():
        found[destination, segment] |= {("email", email), ("phone", phone)} - {("email", None), ("phone", None)}
    return found


def take(platform, changes):
    """A destination takes an upload: nothing that it holds twice, nothing that it misses to remove."""
    for operation, values in changes:
        platform.difference_update(values) if operation == "remove" else platform.update(values)


class History:
    """Builds, uploads and reports in random order; `holds` is what is asked after each."""

    def __init__(self, compiled, seed):
        self.dice, self.builds = random.Random(seed), BySql(compiled)
        self.platforms = {audience: set() for audience in AUDIENCES}
        # customer: (e-mail, phone); who is in which audience.
        self.contacts = {person: (f"e-{person}", f"p-{person}") for person in PEOPLE}
        self.members, self.erased, self.reports, self.late, self.today, self.counts = {}, set(), [], [], 0, {}
        # Who shared an address with somebody whom the last step erased, and is erased in this one.
        self.to_follow = set()

    def count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1

    def live(self):
        dice = self.dice
        self.today += dice.choice((0, 1, 1, 1, 2, 2 * REPORT_DAYS if dice.random() < 0.2 else 1))
        for person in PEOPLE:
            if person in self.erased:
                continue
            if dice.random() < 0.2:
                # A new address, an old one again, none, or one that somebody else has too.
                email = dice.choice([f"e-{person}", f"e{dice.randrange(3)}-{person}", "e-shared", None])
                phone = dice.choice([f"p-{person}", "p-shared"] if email is None else [f"p-{person}", "p-shared", None])
                self.contacts[person] = (email, phone)
            for audience in AUDIENCES:
                key = (*audience, person)
                if dice.random() < 0.3:
                    self.members.pop(key, None) if key in self.members else self.members.update({key: ()})
        for person in sorted(set(PEOPLE) - self.erased):
            if person in self.to_follow:
                self.count("erasures of people who shared with an erased one")
            if person in self.to_follow or dice.random() < 0.02:
                self.erased.add(person)
                self.count("erasures")
        gone = {value for person in self.erased for value in self.contacts[person] if value}
        sharers = {person for person in set(PEOPLE) - self.erased if gone & set(self.contacts[person])}
        self.to_follow = {person for person in sorted(sharers) if dice.random() < 0.5}
        # Two people of one household, known by nothing else.
        if dice.random() < 0.15:
            for person in dice.sample(PEOPLE, 2):
                self.contacts[person] = ("e-shared", None)
                self.members[*AUDIENCES[0], person] = ()
        # Small audiences are withheld whole.
        if dice.random() < 0.1:
            audience = dice.choice(AUDIENCES)
            self.members = {key: value for key, value in self.members.items() if key[:2] != audience}
        self.members = {key: self.contacts[key[2]] for key in self.members if key[2] not in self.erased}

    def build(self):
        self.reports += [report for report in self.late if self.dice.random() < 0.5]
        self.late = [report for report in self.late if report not in self.reports]
        self.builds.build(day(self.today), self.members, self.reports, self.erased)
        if self.dice.random() < 0.2:
            self.count("repeated builds")
            before = self.builds.query("select * from main.audience_changes order by all"), self.memory()
            self.builds.build(day(self.today), self.members, self.reports, self.erased)
            assert (self.builds.query("select * from main.audience_changes order by all"), self.memory()) == before
        if self.dice.random() < 0.1:
            self.count("past days")
            before = self.memory()
            self.builds.build(day(self.today - 1 - REPORT_DAYS * 2), {}, self.reports, self.erased)
            assert not self.builds.batches() and self.memory() == before, "a past day sends nothing"
            self.builds.build(day(self.today), self.members, self.reports, self.erased)

    def memory(self):
        return self.builds.query(f"select * from {MEMORY} order by all")

    def report(self, audience, batch, status, row_count=None):
        number = len(self.reports) + len(self.late)
        moment = day(self.today) + datetime.timedelta(minutes=number)
        report = (f"u{number}", batch, *audience, status, row_count, moment)
        fate = self.dice.random()
        if fate < 0.2:
            self.count("lost reports")
            return
        (self.late if fate < 0.4 else self.reports).append(report)
        if self.dice.random() < 0.1:
            self.count("repeated reports")
            self.reports.append((f"again-{number}", *report[1:]))

    def upload(self):
        for audience, (batch, changes) in self.builds.batches().items():
            platform, fate = self.platforms[audience], self.dice.random()
            given = identifiers(self.members)[audience]
            sent = [value for operation, values in changes for value in values if operation == "add"]
            removed = [value for operation, values in changes for value in values if operation == "remove"]
            assert not set(sent) & set(removed) and len(removed) == len(set(removed))
            if fate < 0.15:
                self.count("uploads that never happened")
            elif fate < 0.35:
                self.count("partial uploads")
                part = [one for one in changes if self.dice.random() < 0.5]
                take(platform, part)
                if len(part) < len(changes):
                    status = self.dice.choice(["failed", "confirmed", None])
                    if status:
                        self.report(audience, batch, status, len(part))
            else:
                self.count("whole uploads")
                take(platform, changes)
                if self.dice.random() < 0.1:
                    self.count("repeated uploads")
                    take(platform, changes)
                # Whatever was lost before, one whole upload puts everything right.
                assert platform == given, (audience, batch)
                self.report(audience, batch, self.dice.choice(["confirmed"] * 5 + ["failed"]), self.dice.choice([None, len(changes)]))
        if self.dice.random() < 0.05:
            self.count("reports of unknown batches")
            self.report(self.dice.choice(AUDIENCES), "b_unknown", "confirmed")

    def settle(self):
        """Everything is uploaded and reported: the destinations hold the audiences, and nothing is left to say."""
        self.today += 1
        self.builds.build(day(self.today), self.members, self.reports, self.erased)
        for audience, (batch, changes) in self.builds.batches().items():
            take(self.platforms[audience], changes)
            moment = day(self.today) + datetime.timedelta(hours=20)
            self.reports.append((f"last {audience}", batch, *audience, "confirmed", len(changes), moment))
        assert self.platforms == identifiers(self.members)
        self.builds.build(day(self.today), self.members, self.reports, self.erased)
        assert not [rows for rows in self.builds.batches().values() if any(operation == "remove" for operation, _ in rows[1])]
        # Someone who shared an identifier with an erased person is told once more.
        for audience, (batch, changes) in self.builds.batches().items():
            take(self.platforms[audience], changes)
            moment = day(self.today) + datetime.timedelta(hours=21)
            self.reports.append((f"very last {audience}", batch, *audience, "confirmed", None, moment))
        self.builds.build(day(self.today), self.members, self.reports, self.erased)
        assert not self.builds.batches() and self.platforms == identifiers(self.members)
        held = {customer for (customer,) in self.builds.query(f"select customer_id from {MEMORY} where customer_id is not null")}
        assert not held & self.erased and not [one for one in held if one.startswith("erased:")]
        # Of those who were erased nothing is known but what is also somebody else's.
        left = {value for values in identifiers(self.members).values() for _, value in values}
        known = set(sum(self.builds.query(f"select email_sha256, phone_sha256 from {MEMORY}"), ()))
        for person in self.erased:
            assert not {value for value in known - left if value and value.endswith(f"-{person}")}, person
        # When reports of all that are in doubt no more, a further batch takes whoever is not there out of the memory.
        self.today += REPORT_DAYS + 1
        members = self.members | {(*AUDIENCES[0], "late"): ("e-late", "p-late")}
        self.builds.build(day(self.today), members, self.reports, self.erased)
        held = {audience: set() for audience in AUDIENCES}
        for destination, segment, email, phone in self.builds.query(
            f"select destination_key, segment_id, email_sha256, phone_sha256 from {MEMORY} where operation <> 'batch'"
        ):
            assert email or phone
            held[destination, segment] |= {("email", email), ("phone", phone)} - {("email", None), ("phone", None)}
        assert held == identifiers(members)
        self.count("batches that outlived their people")


def play(compiled, seed, steps=12):
    history = History(compiled, seed)
    for _ in range(steps):
        history.live()
        history.build()
        history.upload()
    history.settle()
    return history


SEEDS = 24


@pytest.mark.parametrize("seed", range(SEEDS))
def test_nobody_is_lost_and_nobody_stays(compiled, seed):
    play(compiled, seed)


def test_the_histories_hold_what_can_go_wrong(compiled):
    counts = {}
    for seed in range(6):
        for what, number in play(compiled, seed).counts.items():
            counts[what] = counts.get(what, 0) + number
    assert counts.keys() == {
        "erasures", "erasures of people who shared with an erased one", "repeated builds", "past days", "lost reports", "repeated reports", "uploads that never happened",
        "partial uploads", "whole uploads", "repeated uploads", "reports of unknown batches", "batches that outlived their people",
    }  # fmt: skip


# ---- One after another ---------------------------------------------------------------------------------------------

ADS = ("ads", "carts")


class Days:
    """Builds of one audience, whose batches are uploaded and reported only where a test says so."""

    def __init__(self, compiled):
        self.builds, self.reports = BySql(compiled), []

    def build(self, number, members=None, erased=()):
        """Members by customer: (e-mail, phone); the changes: {(operation, identifiers)}."""
        members = {(*ADS, customer): given for customer, given in (members or {}).items()}
        self.builds.build(day(number), members, self.reports, erased)
        return {(operation, *sorted(value for _, value in values)) for operation, values in self.changes()}

    def changes(self):
        return self.builds.batches().get(ADS, (None, []))[1]

    def report(self, moment, status="confirmed", row_count=None, batch=None):
        batch = batch or self.builds.batches()[ADS][0]
        self.reports.append((f"u{len(self.reports)}", batch, *ADS, status, row_count, moment))

    def people(self):
        return self.builds.query(f"select customer_id, email_sha256, phone_sha256 from {MEMORY} where operation <> 'batch'")


def test_two_who_share_an_address_and_are_erased_one_after_the_other_leave_the_destination(compiled):
    days, both = Days(compiled), ("e", None)
    days.build(1, {"ann": both, "bob": both})
    days.report(day(1))
    assert not days.build(2, {"bob": both}, {"ann"})
    # The removal of the address stands in the name of one of them; its file is lost.
    for number in (4, 5):
        assert days.build(number, {}, {"ann", "bob"}) == {("remove", "e")}, number
    days.report(day(5))
    assert not days.build(6, {}, {"ann", "bob"}) and not days.people()


@pytest.mark.parametrize(("first", "second"), [("c1", "c2"), ("c2", "c1")])
def test_a_person_whose_customer_id_changed_leaves_the_destination(compiled, first, second):
    days = Days(compiled)
    for number, members in enumerate(({first: ("e", None)}, {}, {second: ("e", None)})):
        days.build(number, members)
        days.report(day(number))
    for number in (4, 5):
        assert days.build(number, {}, {"c1", "c2"}) == {("remove", "e")}, number
    days.report(day(5))
    assert not days.build(6, {}, {"c1", "c2"}) and not days.people()


def test_whoever_has_long_been_removed_leaves_the_memory(compiled):
    days = Days(compiled)
    days.build(1, {"ann": ("e", "p"), "eve": ("f", None)})
    days.report(day(1))
    # ann has another address, and eve is gone.
    assert days.build(2, {"ann": ("e2", "p")}) == {("add", "e2", "p"), ("remove", "e"), ("remove", "f")}
    days.report(day(2))
    assert not days.build(3, {"ann": ("e2", "p")})
    for number, zoe in ((2 + REPORT_DAYS, "z"), (3 + REPORT_DAYS, "z2")):
        changes = days.build(number, {"ann": ("e2", "p"), "zoe": (zoe, None)})
        held = {value for _, *values in days.people() for value in values if value}
        if zoe == "z":
            assert changes == {("add", "z")} and held == {"e", "e2", "p", "f", "z"}
        else:
            # The number stands in a row with the former address; that row knows the number alone now.
            assert changes == {("add", "z2"), ("remove", "z")} and held == {"e2", "p", "z", "z2"}
        days.report(day(number))
    assert not days.build(4 + REPORT_DAYS, {"ann": ("e2", "p"), "zoe": ("z2", None)})


@pytest.mark.parametrize(("status", "row_count"), [("failed", None), ("confirmed", 1), ("confirmed", None)])
def test_a_late_report_of_an_older_batch_makes_the_later_one_uncertain(compiled, status, row_count):
    days, ann, bob = Days(compiled), ("e", None), ("f", None)
    days.build(1, {"ann": ann, "bob": bob})
    first = days.builds.batches()[ADS][0]
    days.build(2, {"bob": bob})
    days.report(day(2) + datetime.timedelta(hours=1))
    days.report(day(2) + datetime.timedelta(hours=9), status, row_count, first)
    # The first batch was at work until then, and may have added ann after the second had removed her.
    assert ("remove", "e") in days.build(3, {"bob": bob})


def test_what_was_sent_for_a_day_ahead_by_mistake_is_put_right(compiled):
    """As docs/troubleshooting.md says."""
    days = Days(compiled)
    days.build(9000, {"ann": ("e", None)})
    assert not days.build(2, {}, {"ann"}), "silent until then"
    days.builds.connection.execute(f"update {MEMORY} set as_of = ? where as_of > ?", [day(2), day(2)])
    assert days.build(2, {}, {"ann"}) == {("remove", "e")}
    days.report(day(2))
    assert not days.build(3, {}, {"ann"}) and not days.people()


# ---- As dbt keeps it ---------------------------------------------------------------------------------------------


def test_dbt_sends_forgets_and_survives_a_full_refresh(warehouse, compiled):
    """After `compiled`: ann was sent under e1, then under e2. She is erased, the destination removes her, nothing is left."""
    hers = "select count(*) from {} where concat_ws(' ', customer_id, email_sha256) similar to '.*(ann|e1|e2).*'"
    named = "select count(*) from {} where customer_id = 'ann'"
    changes = "select operation, email_sha256, customer_id like 'erased:%' from main.audience_changes order by all"
    run_by_dbt(warehouse, day(2), {}, erased={"ann"})
    assert warehouse.query(changes) == [("remove", "e1", True), ("remove", "e2", True)]
    assert warehouse.query(named.format(MEMORY)) == [(0,)] and warehouse.query(hers.format(MEMORY)) != [(0,)]
    batch = warehouse.query("select distinct batch_id from main.audience_changes")
    # Again, and from the beginning: the same batch.
    run_by_dbt(warehouse, day(2), {}, erased={"ann"}, full_refresh=True)
    assert warehouse.query("select distinct batch_id from main.audience_changes") == batch
    report = ("u1", batch[0][0], "mail", "carts", "confirmed", 2, day(3))
    run_by_dbt(warehouse, day(3), {}, [report], erased={"ann"})
    assert not warehouse.query("from main.audience_changes")
    for table in (MEMORY, "main_intermediate.int_audience_platform_states", "main.audience_changes"):
        column = "identifier_value" if table.endswith("states") else "email_sha256"
        assert warehouse.query(hers.replace("email_sha256", column).format(table)) == [(0,)], table
    # The batches themselves are known for good.
    assert warehouse.query(f"select count(*) from {MEMORY}") == [(3,)]


def test_a_report_of_an_unknown_batch_warns_and_counts_for_nothing(project):
    """Through the raw files: the report is accepted, names the batch, and changes nothing."""
    project.write("web/events", [{"event_id": "e", "occurred_at": day(0)}])
    project.write("activation/uploads", [
        {"upload_id": "u1", "batch_id": "b_none", "destination_key": "mail", "segment_id": "s", "status": "confirmed"},
        {"upload_id": "u2", "batch_id": "b_none", "destination_key": "mail", "segment_id": "s", "status": "done"},
    ])  # fmt: skip
    project.build("+int_audience_batch_rows", tests=False, as_of="2026-04-01")
    result = project.dbt("test", "--select", "assert_uploads_name_known_batches", "--vars", "{as_of: 2026-04-01}")
    assert result.success, "it warns"
    (test,) = [one for one in result.result if one.node.resource_type == "test"]
    assert test.status == "warn"
    (problem,) = [row[0] for row in project.query(test.node.compiled_code)]
    assert "report u1 names batch b_none of s at mail, which no build has made" in problem
    assert project.query("select reject_reason from main_staging.base_activation__uploads order by upload_id") == [
        (None,), ("unknown_status",),
    ]  # fmt: skip
    assert project.query(f"select count(*) from {MEMORY}") == [(0,)]


def test_a_batch_of_a_day_ahead_warns(project):
    project.write("web/events", [{"event_id": "e", "occurred_at": day(0)}])
    project.build("+int_as_of", tests=False, as_of="2062-04-01")
    with duckdb.connect(str(project.database)) as connection:
        connection.execute(f"""
            create table {MEMORY} as
            select customer_id, operation, timestamp '2062-04-01' as as_of
            from (values (null, 'batch'), ('erased:a', 'add'), ('erased:a', 'remove'), ('erased:b', 'add'), ('eve', 'add'))
                as sent (customer_id, operation)
        """)
    for as_of, problems in (("2062-04-01", []), ("2026-04-01", [(
        "int_audience_batch_rows: a batch was made for 2062-04-01, so that nothing is sent until then; 2 erased people wait to be "
        "removed (docs/troubleshooting.md)",
    )])):  # fmt: skip
        project.build("int_as_of", tests=False, as_of=as_of)
        result = project.dbt("test", "--select", "assert_audiences_were_sent_for_no_later_day", "--vars", f"{{as_of: {as_of}}}")
        assert result.success, "it warns"
        (test,) = [one for one in result.result if one.node.resource_type == "test"]
        assert (test.status, project.query(test.node.compiled_code)) == ("warn" if problems else "pass", problems)
